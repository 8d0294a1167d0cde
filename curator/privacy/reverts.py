"""Why an erasure cannot be taken back."""

FINAL: dict[str, str] = {
    "subscriber.erased": "Nothing of them is left. They come back by signing up themselves.",
}
