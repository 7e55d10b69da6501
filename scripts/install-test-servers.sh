#!/bin/sh
# Installs from Debian packages the servers and the programs that the tests start
# and that are missing, and says so before it does. Silent when there is nothing
# to do. With SLUICE_TEST_INSTALL=off it installs nothing: it says what is missing,
# how to get it, and fails.
set -eu

# One line for each: the command that is looked for, or the module of Debian's own
# Python, and the package that has it.
needed='
mosquitto          mosquitto
mosquitto_pub      mosquitto-clients
chromium           chromium
curl               curl
openssl            openssl
/usr/bin/python3   python3
module:websockets  python3-websockets
javac              default-jdk-headless
'

# Debian puts servers where the PATH of a user does not look.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

is_there() {
  case $1 in
    module:*) /usr/bin/python3 -c "import ${1#module:}" ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}
packages=$(
  printf '%s' "$needed" | while read -r what package; do
    [ -z "$what" ] || is_there "$what" || printf '%s ' "$package"
  done
)
packages=${packages% }
[ -n "$packages" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests need programs that are missing: install what your system has for the Debian packages $packages, then run this again." >&2
  exit 1
fi
command="apt-get update && apt-get install -y --no-install-recommends $packages"
if [ "${SLUICE_TEST_INSTALL:-on}" = off ] || [ "$(id -u)" -ne 0 ]; then
  [ "$(id -u)" -eq 0 ] || command="sudo apt-get update && sudo apt-get install -y --no-install-recommends $packages"
  echo "The tests need programs that are missing: run \"$command\", then run this again. \"npm run test:unit\" needs none of them." >&2
  exit 1
fi
echo "The tests need programs that are missing: running \"$command\". SLUICE_TEST_INSTALL=off keeps npm test from installing anything." >&2

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=
clean_up() {
  rm -f "$log"
  [ -z "$made_policy" ] || rm -f "$policy"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The tests start servers of their own: the package must not start its service,
# which would take port 1883. It is the only one with a service.
case " $packages " in
  *' mosquitto '*)
    if [ ! -e "$policy" ]; then
      made_policy=yes
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
    fi
    ;;
esac

install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update || return
  # shellcheck disable=SC2086 # a list of packages, split at the spaces
  apt-get install -y --no-install-recommends $packages
}
if ! install >"$log" 2>&1 </dev/null; then
  cat "$log" >&2
  echo "The tests need programs that are missing: apt-get could not install $packages, for the reason above." >&2
  exit 1
fi
