#!/bin/sh
# Run once by the image, before the server is open to anybody: retention, and the users of Homeostat and of Grafana.
set -eu
ask() { influx -host 127.0.0.1 -port 8086 -username "$INFLUXDB_ADMIN_USER" -password "$INFLUXDB_ADMIN_PASSWORD" -execute "$1"; }
while read -r statement; do
  [ -n "$statement" ] && ask "$statement"
done < "${STATEMENTS:-/etc/homeostat-influxdb/database.iql}"
ask "CREATE USER homeostat WITH PASSWORD '$HOMEOSTAT_PASSWORD'"
ask "GRANT ALL ON homeostat TO homeostat"
ask "CREATE USER grafana WITH PASSWORD '$READ_PASSWORD'"
ask "GRANT READ ON homeostat TO grafana"
