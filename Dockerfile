# The service, without root and without anything that only a build needs.
# Python 3.11 on Debian 12 is what the tests run on.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python -m venv /opt/venterom
# The lock files alone first: these layers are made anew only when a version changes.
COPY requirements/run.txt requirements/build.txt /src/requirements/
RUN /opt/venterom/bin/pip install --no-deps --require-hashes -r /src/requirements/run.txt
RUN pip install --target /tools --no-deps --require-hashes -r /src/requirements/build.txt
COPY . /src
# What each packet of a call goes through is compiled (docs/decisions/0036).
RUN COMPILE_MEDIA=1 PYTHONPATH=/tools \
    /opt/venterom/bin/pip install --no-deps --no-build-isolation /src \
 && /opt/venterom/bin/pip uninstall --yes setuptools pip

FROM python:3.11.14-slim-bookworm
# What papers are printed with: Pango, and a font that has the letters of Norwegian and Sami.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*
# A number that the files of docker-compose.yml can be given to, and a home for what is kept.
RUN groupadd --gid 10001 venterom \
 && useradd --uid 10001 --gid venterom --home-dir /var/lib/venterom --create-home venterom
COPY --from=build /opt/venterom /opt/venterom
ENV PATH=/opt/venterom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/venterom
VOLUME /var/lib/venterom
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["venterom"]
CMD ["serve"]
