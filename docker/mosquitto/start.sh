#!/bin/sh
# Hashes the passwords into a file that only this container has, and becomes the broker.
set -eu
umask 077
secrets=${SECRETS:-/run/secrets}
config=${CONFIG:-/etc/homeostat-mosquitto}
passwords=${PASSWORDS:-/tmp/passwords}
rm -f "$passwords"
touch "$passwords"
mosquitto_passwd -b "$passwords" homeostat "$(cat "$secrets/mqtt_password")"
mosquitto_passwd -b "$passwords" device "$(cat "$secrets/mqtt_device_password")"
cp "$config/rights.acl" "${RIGHTS:-/tmp/rights.acl}"
exec mosquitto -c "${MOSQUITTO_CONFIG:-$config/mosquitto.conf}"
