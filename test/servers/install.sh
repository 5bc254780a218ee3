#!/bin/bash
# Installs the real servers that the service tests need: Kafka by Maven, InfluxDB and Mosquitto by apt (Debian 12 or a relative). Starts none of them.
# usage: install.sh [kafka] [influx] [mosquitto]     all if none is named
# KAFKA_VERSION=4.1.0 install.sh kafka               another version beside the pinned one
set -euo pipefail

kafka_version=${KAFKA_VERSION:-3.9.1}
influx_version=1.6.7
mosquitto_version=2.0.11
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${HOMEOSTAT_SERVERS:-$HOME/.cache/homeostat}
[ $# -gt 0 ] || set -- kafka influx mosquitto

fail() { echo "install.sh: $*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else fail "packages are missing, and installing them needs root: run this as root or where sudo asks for no password, or let an administrator run: apt-get install $wanted"
  fi
}

updated=
wanted=
# apt_install PACKAGE…: without the daemons that packages would start; a policy of our own forbids it meanwhile.
apt_install() {
  wanted=$*
  command -v apt-get >/dev/null || fail "there is no apt-get here; install $* yourself, in the versions of this script"
  [ -n "$updated" ] || { as_root apt-get update -qq || fail "apt-get update failed: is the network there?"; updated=yes; }
  local policy=/usr/sbin/policy-rc.d mine=
  if [ ! -e $policy ]; then
    mine=yes
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod +x $policy
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 || fail "apt-get could not install $*"
  if [ -n "$mine" ]; then as_root rm -f $policy; trap - EXIT; fi
}

# expect WHAT VERSION FOUND
expect() { case "$3" in *"$2"*) echo "$1 $2" ;; *) fail "$1 is tested in version $2, but here is: $3" ;; esac; }

java_major() { java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p' | head -1; }

install_kafka() {
  local folder=$cache/kafka-$kafka_version
  if [ -e "$folder/complete" ]; then echo "Kafka $kafka_version"; return; fi
  { command -v java && [ "$(java_major)" -ge 17 ]; } >/dev/null || apt_install openjdk-17-jre-headless
  command -v mvn >/dev/null || apt_install maven
  local made
  mkdir -p "$cache"
  made=$(mktemp -d "$cache/kafka-XXXXXX")
  mvn -q -B -f "$here/kafka.pom.xml" -Dkafka.version="$kafka_version" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$made/libs" >&2 || { rm -rf "$made"; fail "Maven could not get Kafka $kafka_version: is Maven Central within reach?"; }
  [ -e "$made/libs/kafka_2.13-$kafka_version.jar" ] || { rm -rf "$made"; fail "Maven gave no kafka_2.13-$kafka_version.jar"; }
  touch "$made/complete"
  # Another run may have been quicker; what it made is the same.
  mv -T "$made" "$folder" 2>/dev/null || rm -rf "$made"
  echo "Kafka $kafka_version"
}

install_influx() {
  { command -v influxd && command -v influx; } >/dev/null || apt_install influxdb influxdb-client
  expect InfluxDB $influx_version "$(influxd version 2>&1 | head -1; dpkg-query -W -f '${Version}' influxdb 2>/dev/null || true)"
}

install_mosquitto() {
  { command -v mosquitto || [ -x /usr/sbin/mosquitto ]; } >/dev/null || apt_install mosquitto
  command -v mosquitto_pub >/dev/null || apt_install mosquitto-clients
  expect Mosquitto $mosquitto_version "$(PATH=$PATH:/usr/sbin mosquitto -h 2>&1 | head -1)"
}

for server in "$@"; do
  case $server in
    kafka) install_kafka ;;
    influx) install_influx ;;
    mosquitto) install_mosquitto ;;
    *) fail "there is no \"$server\"; there are kafka, influx and mosquitto" ;;
  esac
done
