"""Every page in every state that people may meet, by name: for whoever checks, or looks."""

from collections.abc import Mapping

from tests.web.showcase.director import DIRECTOR
from tests.web.showcase.doctor import DOCTOR
from tests.web.showcase.floor import FLOOR
from tests.web.showcase.insurer import INSURER
from tests.web.showcase.mine import MINE
from tests.web.showcase.others import EVERYBODY, PROVIDER
from tests.web.showcase.page import Page
from tests.web.showcase.papers import PAPERS
from tests.web.showcase.patient import FRONT, GUEST, INTAKE, VISIT
from tests.web.showcase.staff import STAFF
from tests.web.showcase.truth import TRUTH

PAGES: Mapping[str, Page] = {
    **FRONT,
    **INTAKE,
    **VISIT,
    **GUEST,
    **MINE,
    **DOCTOR,
    **PAPERS,
    **INSURER,
    **DIRECTOR,
    **STAFF,
    **TRUTH,
    **FLOOR,
    **EVERYBODY,
    **PROVIDER,
}
