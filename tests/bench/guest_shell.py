"""Shell text for guests that more than one benchmark runs."""


def until_idle(harts=1):
    """Waits for the end of what the kernel does in the background.

    It tests its ciphers for most of a second after it has started init; what is measured first would
    pay for that. Goes on after a second of which four fifths were idle.
    """
    return """before=0 after=0
while [ $((after - before)) -lt %d ]; do
  read -r _ _ _ _ before _ </proc/stat
  sleep 1
  read -r _ _ _ _ after _ </proc/stat
done
""" % (80 * harts)
