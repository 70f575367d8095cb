"""Releases with their files, and files that are put into a project."""

import hashlib
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import Project
from plan_and_act.sites.forge.web import need_role, project_of, project_page, state_of
from plan_and_act.sites.web import back, text

SIZE = 200_000
"""Bytes that an uploaded file may have."""


async def index(request: Request) -> Response:
    """All releases, newest first."""
    return project_page(request, "releases.html", "releases")


async def download(request: Request) -> Response:
    """A file of a release."""
    state, project = state_of(request), project_of(request)
    version, name = request.path_params["version"], request.path_params["name"]
    release = next((release for release in project.releases if release.version == version), None)
    if release is None or name not in {asset.name for asset in release.assets}:
        raise HTTPException(404)
    if state.viewer:
        state.download(project, version, name)
    sums = [f"{hashlib.sha256(asset.name.encode()).hexdigest()}  {asset.name}" for asset in release.assets[:2]]
    content = "\n".join(sums) if name == "checksums.txt" else f"{project.name} {version}\n"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def upload(request: Request) -> Response:
    """The form that puts a text file into a project; for developers."""
    project = need_role(request, "developer")
    values, errors = {"folder": "", "message": ""}, {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in values}
        file, folder = form.get("file"), values["folder"].strip("/")
        content, error = await _text_of(file) if isinstance(file, UploadFile) and file.filename else (None, _NO_FILE)
        name = (file.filename or "").strip() if isinstance(file, UploadFile) else ""
        path = f"{folder}/{name}" if folder else name
        if error := error or _name_error(project, name, path):
            errors["file"] = error
        if folder and not all(part.replace("-", "").replace("_", "").isalnum() for part in folder.split("/")):
            errors["folder"] = "A folder's name has letters, digits, - and _ only."
        elif any(f"{folder}/".startswith(f"{entry.path}/") for entry in project.files):
            errors["folder"] = "There is a file with this name."
        if not values["message"]:
            errors["message"] = "Say in a few words what the file is for."
        if not errors and content is not None:
            state_of(request).add_file(project, path, content, values["message"][:120])
            return back(request, f"/{project.path}/files/{quote(path)}", f"{name} is in the project now.")
    status = 422 if errors else 200
    return project_page(request, "upload.html", "overview", status=status, values=values, errors=errors)


_NO_FILE = "Choose a file."


def _name_error(project: Project, name: str, path: str) -> str | None:
    """What is wrong with the name of an uploaded file."""
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        return "A file cannot have this name."
    if any(entry.path.startswith(f"{path}/") for entry in project.files):
        return "There is a folder with this name."
    return None


async def _text_of(file: UploadFile) -> tuple[str | None, str | None]:
    """The text of an uploaded file, and what is wrong with it."""
    content = await file.read(SIZE + 1)
    if len(content) > SIZE:
        return None, f"A file can have {SIZE // 1_000} kB."
    try:
        return content.decode(), None
    except UnicodeDecodeError:
        return None, "Only text files can be put into a project here."
