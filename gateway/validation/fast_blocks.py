"""The pieces of a fast pass's function, which `gateway.validation.fast_source` fills in.

It reads each field once, and keeps what is checked of all records together: `names` the texts of
fields, with a bar after each, and `values` those of properties. It ends at the first doubt. A
variable that ends in `_member` is a member of the element with the comma before it, empty
where it is unset; one that ends in `_json` is a value as JSON.
"""

FUNCTION = """\
def encoded(messages, ids):
    found = []
    names, values = ["|"], []
    for message in messages:
        {body}
        element = f'{{{{{element}}}}}'.encode()
        if len(element) > max_element_bytes:
            return None
        found.append(record(({record})))
    return found if is_plain(names, values) else None
"""
TIME = """\
{name}_seconds, {name}_nanos = {name}.seconds, {name}.nanos
"""
REQUIRED = """\
if not ({condition}):
    return None
"""
TEXT = """\
{name}_member = ""
if {name}:
    if not ({condition}):
        return None
    {name}_member = f'{member}'
elif {must_be_set} or message.HasField("{name}"):
    return None
"""
NUMBER = """\
{name}_json, {name}_member = "null", ""
if message.HasField("{name}"):
    {name} = message.{name}
    if not ({condition}):
        return None
    {name}_json = repr({name})
    {name}_member = f'{member}'
elif {must_be_set}:
    return None
"""
TEXTS = """\
{name}_json, {name}_member = "[]", ""
if {name}:
    if not ({condition}):
        return None
    names.append("|".join({name}) + "|")
    {name}_json = '["' + '","'.join({name}) + '"]'
    {name}_member = f'{member}'
elif {must_be_set}:
    return None
"""
COLUMNS = """\
if len({name}) > max_keys:
    return None
keys = (*{name},)
shape = shapes.get(keys) or find_shape(keys)
if shape is None:
    return None
columns = ""
for key, prefix, max_chars, write in shape.typed:
    value = {name}[key]
    text = value.string_value
    if text:
        {check_text}
        values.append(text)
        columns += f'{{prefix}}\\\\"{{text}}\\\\"'
        continue
    double = value.number_value
    text = {number} if double else other(key, value, write)
    if text is None:
        return None
    columns += prefix + text
if len(columns) > {max_chars}:
    return None
{name}_json, {name}_member = '""', ""
if columns:
    {name}_json = f'"{{{{{{columns}}}}}}"'
    {name}_member = f'{member}'
"""
EVENT_ID = """\
if not event_id:
    event_id = ids.derived(f'{content}')
"""
