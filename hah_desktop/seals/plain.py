"""What stands in JSON that somebody signed: each value of the kind that it has to be."""


def text(value: object) -> str:
    """A text. Raises TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def count(value: object) -> int:
    """A whole number from 0 on. Raises TypeError for anything else."""
    if type(value) is not int or value < 0:
        raise TypeError("a whole number expected")
    return value
