#!/bin/sh
# A systemctl for tests, with units as files in $UNITS: NAME holds what `show` writes of it. It writes as systemd 252 does; what it says where there is no
# systemd was recorded on such a machine. Each change is a line in $UNITS/effects. $UNITS/hang: jobs do not end; $UNITS/away: there is no systemd.
[ -e "$UNITS/away" ] && { echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2
  echo "Failed to connect to bus: Host is down" >&2; exit 1; }
while :; do case "$1" in --user) echo user >> "$UNITS/managers" ;; --no-*) ;; *) break ;; esac; shift; done
verb=$1; shift
values=
[ "$verb" = cancel ] && { echo "cancel $1" >> "$UNITS/effects"; sed -i "s/^Job=.*/Job=/" "$UNITS"/*.service; exit 0; }
while [ "$1" != -- ]; do shift; done
shift; unit=$1; shift; values="$*"
file="$UNITS/$unit"
if [ ! -e "$file" ]; then
  [ "$verb" = show ] && { echo "LoadState=not-found"; echo "ActiveState=inactive"; echo "SubState=dead"; echo "InvocationID="; exit 0; }
  echo "Failed to $verb $unit: Unit $unit not found." >&2; exit 5
fi
[ "$verb" = show ] && exec cat "$file"
put() { sed -i "s/^$1=.*/$1=$2/" "$file"; }
if [ -e "$UNITS/hang" ]; then put Job 4711; : > "$UNITS/begun"; exec sleep 60; fi
echo "$verb $unit${values:+ $values}" >> "$UNITS/effects"
if [ -e "$UNITS/broken" ]; then
  put ActiveState failed; put SubState failed; put MainPID 0
  echo "Job for $unit failed because the control process exited with error code." >&2
  echo "See \"systemctl status $unit\" and \"journalctl -xeu $unit\" for details." >&2; exit 1
fi
case "$verb" in
  start|restart) put ActiveState active; put SubState running; put MainPID $(($$ + 0)); put InvocationID "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" ;;
  stop) put ActiveState inactive; put SubState dead; put MainPID 0 ;;
  set-property) case "$values" in *Nonsense*) echo "Failed to set unit properties on $unit: Cannot set property Nonsense, or unknown property." >&2; exit 1 ;; esac ;;
esac
exit 0
