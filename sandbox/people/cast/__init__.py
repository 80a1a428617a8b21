"""The cast: 24 people, each there for a path through the app. README.md has the table."""

from sandbox.people.cast import crises, emergencies, falls, hard_records, identities
from sandbox.people.cast.member import Call, Member, OtherRecord, identity, number_of

CAST: tuple[Member, ...] = tuple(
    sorted(
        falls.MEMBERS
        + emergencies.MEMBERS
        + crises.MEMBERS
        + identities.MEMBERS
        + hard_records.MEMBERS,
        key=lambda member: member.number,
    )
)
"""In the order of their numbers, 1 to 24, which their ids carry."""

__all__ = ["CAST", "Call", "Member", "OtherRecord", "identity", "number_of"]
