"""How far two colours stand apart, as WCAG 2 has it."""

# Where the curve of sRGB turns straight (WCAG 2, relative luminance).
_KNEE = 0.04045


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two "#RRGGBB" colours: 1 (equal) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _KNEE else float(((channel + 0.055) / 1.055) ** 2.4)
