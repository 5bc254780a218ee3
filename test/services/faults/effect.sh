# An element that counts for itself: one line for each command that reaches it, with who sent it and when. `inquire`: whether it was reached.
# sh effect.sh FILE SECONDS|inquire
if [ "$2" = inquire ]; then
  grep -qF "$HOMEOSTAT_COMMAND " "$1" && exit 0
  exit 3
fi
sleep "$2"
printf '%s %s %s %s %s\n' "$HOMEOSTAT_COMMAND" "$HOMEOSTAT_TERM" "$HOMEOSTAT_ELEMENT" "$PPID" "$(date +%s%3N)" >>"$1"
