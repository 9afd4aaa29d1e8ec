"""A workload in a terminal: its answers one after the other, or what they would be worth."""

from rich.text import Text

from jali.model.money import NANO
from jali.serve.render import Page, answer, labelled
from jali.serve.text import harmless
from jali.workload import JointAnswer, JointExplanation


def answers(found: JointAnswer, page: Page) -> list[Text]:
    """Return the answers, then what they cost together."""
    lines: list[Text] = []
    for number, one in enumerate(found.answers, 1):
        lines += [Text(), Text(f"  question {number}", "bold"), *answer(one, None, page)]
    rho = max((c.nano_rho for c in found.charged), default=0) / NANO
    price = f"rho {rho:.6g} for all {len(found.answers)} together" if rho else "free: these answers were kept"
    return [*lines, Text(), *labelled("Price", price, page)]


def explained(found: JointExplanation, page: Page) -> list[Text]:
    """Return what is measured, at what price, and the noise expected of each question."""
    lines = [
        Text(),
        Text("  how this workload would be answered; nothing was read, this is free", "dim"),
        Text(),
    ]
    for place, text in enumerate(found.measured):
        lines += labelled("" if place else "Measured", harmless(text), page)
    for number, (text, one) in enumerate(zip(found.questions, found.forecasts, strict=True), 1):
        lines += labelled(f"Question {number}", harmless(" ".join(text.split())), page)
        if one.joint is None or one.alone is None:
            said = "no forecast: the contract gives no hints"
        else:
            said = f"expected noise: sd {one.joint:.4g}; asked alone for an equal part of the price: {one.alone:.4g}"
        lines += labelled("", said, page)
    price = f"rho {found.nano_rho / NANO:.6g} for all together (epsilon {found.epsilon:.3g})"
    return [*lines, *labelled("Price", price, page), Text()]
