"""The forms of text in the configuration: names, ARNs, addresses.

Lengths of ARNs and tracking IDs are those of botocore's models (`personalize/2018-05-22`,
`personalize-events/2018-03-22`). The models' pattern of ARNs is wider; the gateway needs a region.
"""

from typing import Annotated

from gateway.config.caller_pattern import PATTERN_FORM
from gateway.config.scalars import Text
from gateway.identity import CALLER_PATTERN, MAX_CALLER_LENGTH

_RESOURCE = r"arn:[a-z0-9-]+:personalize:[a-z0-9-]+:[0-9]{12}:"
_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_-]*"

Name = Annotated[
    str,
    Text(
        "name",
        "a name of letters, digits, _ and -, at most 63, the first a letter or digit",
        _NAME,
        63,
    ),
]
DatasetGroupArn = Annotated[
    str,
    Text(
        "ARN",
        "an ARN such as arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop",
        _RESOURCE + "dataset-group/" + _NAME,
        256,
    ),
]
DatasetArn = Annotated[
    str,
    Text(
        "ARN",
        "an ARN such as arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS",
        _RESOURCE + "dataset/[!-~]+",
        256,
    ),
]
RoleArn = Annotated[
    str,
    Text(
        "ARN",
        "an ARN such as arn:aws:iam::123456789012:role/personalize",
        r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@/-]+",
        256,
    ),
]
TrackingId = Annotated[
    str, Text("tracking ID", "a tracking ID: 1 to 256 visible ASCII characters", r"[!-~]+", 256)
]
EndpointUrl = Annotated[
    str,
    Text(
        "URL",
        "a URL without a path, such as https://personalize-events.eu-west-1.amazonaws.com",
        r"https?://([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?",
        512,
    ),
]
CallerName = Annotated[
    str,
    Text(
        "caller",
        "a caller's name without spaces, a pattern such as spiffe://example.org/ns/shop/sa/* or"
        " spiffe://example.org/ns/shop/** (* is one whole segment of the path), or * alone for"
        " every caller",
        rf"\*|{CALLER_PATTERN}|{PATTERN_FORM}",
        MAX_CALLER_LENGTH,
    ),
]
Address = Annotated[
    str,
    Text(
        "HOST:PORT",
        "HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051",
        r"([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\]):"
        r"(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5]?[0-9]{1,4})",
        300,
    ),
]
DirectoryPath = Annotated[
    str,
    Text(
        "path",
        "the absolute path of a directory, at most 90 characters (it holds sockets), such as"
        " /var/lib/personalize-gateway",
        r"/[^\0]*",
        90,
    ),
]
FilePath = Annotated[
    str,
    Text(
        "path",
        "the absolute path of a file, such as /etc/personalize-gateway/tls.crt",
        r"/[^\0]*",
        4096,
    ),
]
