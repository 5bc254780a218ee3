#!/bin/sh
# Formats the storage at the first start, with the user that Homeostat logs in as, and becomes the broker.
set -eu
config=${KAFKA_CONFIG:-/etc/homeostat-kafka/server.properties}
password=$(cat "${KAFKA_PASSWORD_FILE:-/run/secrets/kafka_password}")
[ -n "$password" ] || { echo "there is no password for Kafka: run docker/make-env.sh" >&2; exit 1; }
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted -t "$KAFKA_CLUSTER_ID" -c "$config" --add-scram "SCRAM-SHA-256=[name=homeostat,password=$password]"
exec /opt/kafka/bin/kafka-server-start.sh "$config"
