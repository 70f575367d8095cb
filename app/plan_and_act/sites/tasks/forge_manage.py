"""Tasks on forge for those who run projects: merge requests, members, settings, plans, files."""

import random
from datetime import timedelta

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.words import GOALS
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World

TOPICS = ("self-hosted", "offline-first", "small-teams", "education", "public-sector")


class ApproveAndMerge(ForgeTemplate):
    """A merge request that nothing stands against but the approval."""

    name = "forge/approve-and-merge"
    kind = "change"
    length = 7
    phrasings = (
        'Approve the merge request "{title}" in {project} and then merge it.',
        'The merge request "{title}" of {project} is good. Approve and merge it.',
    )
    plan = (
        "Find {project} and go to its merge requests",
        'Open the merge request "{title}"',
        "Approve it",
        "Merge it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        found = [
            (project, request)
            for project, request in ways.open_merge_requests(base, ways.maintained(base))
            if not request.conflicts and not request.failed
        ]
        project, request = rng.choice(found)
        at = {"project": project.path, "number": request.number}
        changes = [{**at, "what": "approved", "to": True}, {**at, "what": "state", "to": "merged"}]
        slots = {"project": project.name, "title": request.title}
        return Draw(slots, "/", Goal({"forge": {"merge_requests": changes}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.list_merge_requests(hand, draw.data["project"])
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        hand.step(3)
        await hand.click("Approve", "button")
        hand.step(4)
        await hand.click("Merge", "button")


class CloseMergeRequest(ForgeTemplate):
    """A word of reason, and then the end of a merge request."""

    name = "forge/close-merge-request"
    kind = "change"
    length = 8
    phrasings = (
        'Close the merge request "{title}" of {project} without merging it, after a comment that says "{text}"',
        'In {project}, write "{text}" under the merge request "{title}" and close it. It must not be merged.',
    )
    plan = (
        "Open the merge requests of {project}",
        'Open "{title}" and comment "{text}"',
        "Close the merge request without merging it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project, request = rng.choice(ways.open_merge_requests(base, ways.maintained(base)))
        text = rng.choice(("We have decided against this.", "This was solved in another way.", "Please start anew."))
        at = {"project": project.path, "number": request.number}
        changes = [{**at, "what": "comment", "to": Like(text)}, {**at, "what": "state", "to": "closed"}]
        slots = {"project": project.name, "title": request.title, "text": text}
        return Draw(slots, "/", Goal({"forge": {"merge_requests": changes}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.list_merge_requests(hand, draw.data["project"])
        hand.step(2)
        await hand.click(draw.data["title"], "link")
        await hand.type("Add a comment", draw.data["text"])
        await hand.click("Comment", "button")
        hand.step(3)
        await hand.click("Close merge request", "button")


class InviteMember(ForgeTemplate):
    """A field that suggests people, and a role."""

    name = "forge/invite-member"
    kind = "change"
    length = 8
    phrasings = (
        "Invite {person} to {project} as a {role}.",
        "Make {person} a member of the project {project}, with the role {role}.",
    )
    plan = (
        "Find the project {project} and go to its members",
        "Enter {person} as the person to invite",
        "Choose the role {role} and invite",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice(ways.maintained(base))
        person = base.people[rng.choice([name for name in base.people if name not in project.members])]
        role = rng.choice(("guest", "reporter", "maintainer"))
        change = {"project": project.path, "person": person.username, "role": role}
        slots = {"project": project.name, "person": person.name, "role": role}
        data = {**slots, "option": f"{person.name} (@{person.username})"}
        return Draw(slots, "/", Goal({"forge": {"members": [change]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Members", "link")
        hand.step(2)
        await hand.type("Person", draw.data["person"])
        await hand.click(draw.data["option"], "option")
        hand.step(3)
        await hand.select("Role", draw.data["role"].capitalize())
        await hand.click("Invite", "button")


class ChangeTeam(ForgeTemplate):
    """One member goes, and another gets more to say."""

    name = "forge/change-team"
    kind = "change"
    length = 8
    split = "test"
    phrasings = (
        "{leaver} is leaving {project}: remove them from the members, and make {heir} a {role} there.",
        "In {project}, {heir} becomes {role}, and {leaver} is to be removed from the members.",
    )
    plan = (
        "Open the members of {project}",
        "Remove {leaver} and confirm",
        "Change the role of {heir} to {role} and save it",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice(ways.maintained(base))
        leaver, heir = rng.sample(
            [name for name, role in project.members.items() if role != "owner" and name != base.persona], 2
        )
        role = rng.choice([role for role in ("reporter", "maintainer") if role != project.members[heir]])
        changes = [
            {"project": project.path, "person": leaver, "role": "removed"},
            {"project": project.path, "person": heir, "role": role},
        ]
        slots = {
            "project": project.name,
            "leaver": base.people[leaver].name,
            "heir": base.people[heir].name,
            "role": role,
        }
        return Draw(slots, "/", Goal({"forge": {"members": changes}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Members", "link")
        hand.step(2)
        await hand.click(f"Remove {draw.data['leaver']}")
        await hand.click("Remove member")
        hand.step(3)
        await hand.select(f"Role of {draw.data['heir']}", draw.data["role"].capitalize())
        await hand.click(f"Save role of {draw.data['heir']}")


class ArchiveProject(ForgeTemplate):
    """A dialog that wants to be sure."""

    name = "forge/archive-project"
    kind = "change"
    length = 7
    phrasings = (
        "Archive the project {project}.",
        "Nobody works on {project} any more. Please archive it.",
    )
    plan = (
        "Search for the project {project} and open its settings",
        "Archive the project",
        "Confirm it with the name of the project",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice(ways.maintained(build(world.seed)))
        change = {"project": project.path, "setting": "archived", "to": True}
        slots = {"project": project.name}
        return Draw(slots, "/", Goal({"forge": {"settings": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Settings", "link")
        hand.step(2)
        await hand.click("Archive project")
        hand.step(3)
        await hand.type("Type the name of the project to confirm", draw.data["project"])
        await hand.click("Archive now")


class ChangeSettings(ForgeTemplate):
    """Who can see a project, and one topic more."""

    name = "forge/change-settings"
    kind = "change"
    length = 7
    split = "validation"
    phrasings = (
        "Make the project {project} {visibility} and add {topic} to its topics.",
        "{project} should be {visibility} from now on, and have the topic {topic} besides those it has.",
    )
    plan = (
        "Open the settings of the project {project}",
        "Set the visibility to {visibility}",
        "Add {topic} to the topics it has and save",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice(ways.maintained(build(world.seed)))
        visibility = rng.choice([name for name in ("public", "internal", "private") if name != project.visibility])
        topic = rng.choice(TOPICS)
        topics = [*project.topics, topic]
        changes = [
            {"project": project.path, "setting": "visibility", "to": visibility},
            {"project": project.path, "setting": "topics", "to": topics},
        ]
        slots = {"project": project.name, "visibility": visibility, "topic": topic}
        data = {**slots, "topics": ", ".join(topics)}
        return Draw(slots, "/", Goal({"forge": {"settings": changes}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Settings", "link")
        hand.step(2)
        await hand.click(draw.data["visibility"].capitalize(), "radio")
        hand.step(3)
        await hand.type("Topics", draw.data["topics"])
        await hand.click("Save changes")


class PlanMilestone(ForgeTemplate):
    """A date that is chosen in a calendar, in the next month."""

    name = "forge/plan-milestone"
    kind = "change"
    length = 10
    phrasings = (
        'Add a milestone "{title}" to {project}. It is due on {day}.',
        'Create the milestone "{title}" in the project {project}, due {day}.',
    )
    plan = (
        "Find {project} and go to its milestones",
        'Begin a new milestone with the title "{title}"',
        "Choose {day} as its due date",
        "Create the milestone",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice(ways.maintained(base))
        taken = {step.title for step in base.milestones[project.path].values()}
        title = rng.choice([title for title, _ in GOALS if title not in taken])
        # 20 days on it is June, one month on from what the calendar shows first.
        day = base.now.date() + timedelta(days=20 + rng.randrange(29))
        step = {"project": project.path, "title": Like(title), "due": day.isoformat(), "state": "open"}
        slots = {"project": project.name, "title": title, "day": f"{day:%-d %B %Y}"}
        return Draw(slots, "/", Goal({"forge": {"milestones_created": [step]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Milestones", "link")
        hand.step(2)
        await hand.click("New milestone", "link")
        await hand.type("Title", draw.data["title"])
        hand.step(3)
        await hand.click("Calendar", "button")
        await hand.click("Next month", "button")
        await hand.click(draw.data["day"], "button")
        hand.step(4)
        await hand.click("Create milestone", "button")


class DownloadRelease(ForgeTemplate):
    """A file of an older release."""

    name = "forge/download-release"
    kind = "change"
    length = 5
    split = "validation"
    phrasings = (
        "Download version {version} of {project} as a {kind} file.",
        "I need the {kind} archive of {project} {version}. Download it, please.",
    )
    plan = (
        "Find {project} and open it",
        "Go to its releases",
        "Download the {kind} file of version {version}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        project = rng.choice([project for project in build(world.seed).projects.values() if len(project.releases) > 1])
        release = rng.choice(project.releases)
        kind = rng.choice(("zip", "tar.gz"))
        file = f"{project.slug}-{release.version}.{kind}"
        goal = Goal({"forge": {"downloads": [f"{project.path}/{release.version}/{file}"]}})
        slots = {"project": project.name, "version": release.version, "kind": kind}
        return Draw(slots, "/", goal, {**slots, "file": file})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        hand.step(2)
        await hand.click("Releases", "link")
        hand.step(3)
        await hand.click(draw.data["file"], "link")


class UploadFile(ForgeTemplate):
    """A file from the person's own machine."""

    name = "forge/upload-file"
    kind = "change"
    length = 8
    phrasings = (
        'Put my file {file} into the folder {folder} of {project}, with the message "{message}"',
        'Upload {file} to {project}. It belongs in the folder {folder}; as the message write "{message}"',
    )
    plan = (
        "Find the project {project} and begin to upload a file",
        "Choose {file} and enter the folder {folder}",
        'Write the message "{message}"',
        "Add the file",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice(ways.maintained(base))
        file = rng.choice(("release-checklist.md", "field-notes.txt", "opening-hours.csv"))
        folder, message = rng.choice((("docs", "Add what we agreed on"), ("notes", "Keep this for later")))
        change = {"project": project.path, "path": f"{folder}/{file}", "message": Like(message)}
        slots = {"project": project.name, "file": file, "folder": folder, "message": message}
        return Draw(slots, "/", Goal({"forge": {"files_added": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_project(hand, draw.data["project"])
        await hand.click("Upload file", "link")
        hand.step(2)
        await hand.upload("File", draw.data["file"])
        await hand.type("Folder", draw.data["folder"])
        hand.step(3)
        await hand.type("Message", draw.data["message"])
        hand.step(4)
        await hand.click("Add file", "button")


TEMPLATES = (
    ApproveAndMerge(),
    CloseMergeRequest(),
    InviteMember(),
    ChangeTeam(),
    ArchiveProject(),
    ChangeSettings(),
    PlanMilestone(),
    DownloadRelease(),
    UploadFile(),
)
