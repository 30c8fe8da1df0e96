# Any image with Python 3.11 or newer and its venv will do: `make image BASE=...`.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build

# Two environments: the one that builds, and stays behind; and the one that is shipped, which has
# no pip of its own. Dependencies come first, so that a change of the code does not fetch them anew.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python3 -m venv tools \
    && python3 -m venv --without-pip /opt/personalize-gateway \
    && tools/bin/pip install --no-cache-dir --only-binary :all: --require-hashes \
        --requirement requirements/build.txt \
    && tools/bin/pip --python /opt/personalize-gateway/bin/python install --no-cache-dir \
        --only-binary :all: --require-hashes --requirement requirements/runtime.txt

COPY pyproject.toml README.md LICENSE ./
COPY clients/python clients/python
COPY gateway gateway
RUN tools/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --no-index \
        --wheel-dir wheels ./clients/python . \
    && tools/bin/pip --python /opt/personalize-gateway/bin/python install --no-cache-dir \
        --no-deps --no-index wheels/*.whl \
    && mkdir outbox

FROM ${BASE}
LABEL org.opencontainers.image.title="Personalize gateway" \
      org.opencontainers.image.description="A gRPC gateway between a company's services and Amazon Personalize" \
      org.opencontainers.image.licenses="Apache-2.0"

# Nothing is run in this stage, so that nothing of the building machine stays in it. The one place
# that the gateway writes to is its outbox: the root file system may be read-only. Bytecode was
# compiled at installation.
COPY --from=build /opt/personalize-gateway /opt/personalize-gateway
COPY --from=build --chown=10001:10001 /build/outbox /var/lib/personalize-gateway
ENV PATH=/opt/personalize-gateway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/personalize-gateway
VOLUME /var/lib/personalize-gateway
# gRPC, and the admin port.
EXPOSE 50051 9901
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["personalize-gateway", "health"]
ENTRYPOINT ["personalize-gateway"]
# Without the file the start fails: a gateway that delivers to an emulator must be asked for.
CMD ["serve", "--config", "/etc/personalize-gateway/config.yaml"]
