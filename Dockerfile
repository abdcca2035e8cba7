# The local server in a container, which `docker compose up` starts: the API with an AWS emulator, to try it out.
# Do not deploy it.
FROM python:3.13.9-slim-trixie

RUN apt-get update \
 && apt-get install -y --no-install-recommends imagemagick libheif-plugin-dav1d libheif-plugin-libde265 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/local.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/local.txt
COPY openapi.json ./
COPY src src
COPY web web

RUN useradd --create-home api && mkdir /state && chown api:api /state
USER api
VOLUME /state
ENV PYTHONPATH=src PYTHONUNBUFFERED=1

# The server listens on all addresses of the container. compose.yaml publishes the ports on loopback only, with the same
# numbers, because signed links contain them.
EXPOSE 8080 4570
CMD ["python", "-m", "entrypoints.local", "--listen", "0.0.0.0", "--port", "8080", "--emulator-port", "4570", "--state-dir", "/state"]
