"""Where an issue stands on its way: six steps from skimming the inbox to sending."""

from dataclasses import dataclass

from curator.issues.values import Board, IssueState

STEPS = ("Skim", "Pick", "Write", "Check", "Approve", "Send")


@dataclass(frozen=True)
class Step:
    """One step; `state` is done, here or ahead."""

    name: str
    state: str


@dataclass(frozen=True)
class Standing:
    """The six steps, and in words what comes next; `place` is the index of the present one, 6 when all are done."""

    place: int
    advice: str

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order."""
        return tuple(
            Step(name, "done" if at < self.place else "here" if at == self.place else "ahead")
            for at, name in enumerate(STEPS)
        )


NO_ISSUE = Standing(0, "No issue is open. Skim the inbox, or start an issue now.")


def standing(
    board: Board, *, minimum_picks: int, unlooked: int, is_checked: bool, is_holding: bool = False
) -> Standing:
    """Returns where an issue stands.

    `is_checked`: its preview was looked at after the last change; `is_holding`: its mailing can still be taken back.
    """
    if is_holding:
        return Standing(5, "Held, and nothing has left yet: Undo takes it back.")
    found = sum(block.pick is not None for section in board.sections for block in section.blocks)
    if not found and unlooked and board.issue.state.is_editable:
        return Standing(0, "Nothing is picked yet. Skim the inbox.")
    if board.issue.state is IssueState.REVIEW:
        return Standing(4, "In review: somebody who may publish has to approve it.")
    if found < max(minimum_picks, 1) and board.issue.state in (IssueState.DRAFT, IssueState.HELD):
        return Standing(1, f"{found} of at least {minimum_picks} picks. Pick more in the inbox.")
    return _after_writing(board.issue.state) or _writing(board, is_checked=is_checked)


def _writing(board: Board, *, is_checked: bool) -> Standing:
    picks = [block.pick for section in board.sections for block in section.blocks if block.pick is not None]
    wordless = sum(not pick.blurb.strip() for pick in picks)
    if wordless:
        return Standing(2, f"{wordless} {'pick has' if wordless == 1 else 'picks have'} no words of yours yet.")
    if not board.issue.subject:
        return Standing(2, "The subject is still to be written.")
    if not is_checked:
        return Standing(3, "All written. Look at the preview.")
    return Standing(4, "Looked at since the last change. Approve it.")


def _after_writing(state: IssueState) -> Standing | None:
    match state:
        case IssueState.APPROVED:
            return Standing(5, "Approved. Say when it is sent.")
        case IssueState.SCHEDULED:
            return Standing(5, "Scheduled. Nothing is left to do.")
        case IssueState.SENDING:
            return Standing(5, "On its way to the readers.")
        case IssueState.SENT:
            return Standing(6, "Sent.")
        case IssueState.SKIPPED:
            return Standing(1, "This slot was skipped.")
        case _:
            return None
