#!/bin/sh
# Writes random secrets beside compose.yaml, which cannot start without them: .env, and a file each in secrets/. Never changes those that are there.
# usage: make-env.sh [FOLDER]
set -eu
folder=${1:-$(cd "$(dirname "$0")" && pwd)}
if [ -e "$folder/.env" ] || [ -e "$folder/secrets" ]; then
  echo "$folder/.env or $folder/secrets is there already and is left as it is; remove both to make new ones (the volumes still know the old ones)" >&2
  exit 1
fi
random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' | cut -c1-40; }
umask 077
# The folder is closed; its files are open, since each container reads its own as another user.
mkdir "$folder/secrets"
secret() {
  value=$(random)
  printf '%s\n' "$value" > "$folder/secrets/$1"
  chmod 0444 "$folder/secrets/$1"
}
for name in kafka_password mqtt_password mqtt_device_password homeostat_owner_token homeostat_read_token homeostat_feed_token; do secret "$name"; done
secret influx_password
influx=$value
{
  echo "# Secrets of this installation. Keep them to yourself: git ignores this file."
  echo "INFLUX_PASSWORD=$influx"
  for name in INFLUX_ADMIN_PASSWORD INFLUX_READ_PASSWORD GRAFANA_PASSWORD; do echo "$name=$(random)"; done
  echo "KAFKA_CLUSTER_ID=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')"
} > "$folder/.env.new"
mv "$folder/.env.new" "$folder/.env"
echo "wrote $folder/.env and $folder/secrets"
