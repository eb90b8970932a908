"""A telephone that is turned round, and a line that bears no picture."""

from playwright.async_api import Browser, expect

from tests.e2e.browsers import Browsers
from tests.e2e.network import network
from tests.e2e.steps import WHOLE_WAY, hears, meeting, sees
from tests.e2e.test_in_call import THREE_OF_EACH, more, sent
from tests.house import House

pytestmark = WHOLE_WAY

# A telephone: which camera is which way is said by its own settings, which an invented one has not.
TELEPHONE = """
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const way = wanted.video?.facingMode?.exact ?? 'user';
        const devices = await navigator.mediaDevices.enumerateDevices();
        const cameras = devices.filter((each) => each.kind === 'videoinput');
        const chosen = cameras[way === 'user' ? 0 : 2]?.deviceId;
        const video = wanted.video && {deviceId: chosen};
        const stream = await real({...wanted, ...(wanted.video ? {video} : {})});
        for (const track of stream.getVideoTracks()) {
            const settings = track.getSettings.bind(track);
            track.getSettings = () => ({...settings(), facingMode: way});
        }
        return stream;
    };
"""


async def test_a_telephone_turns_to_its_other_camera(home: House, browsers: Browsers) -> None:
    async with meeting(await browsers(THREE_OF_EACH), home, script=TELEPHONE) as met:
        near = met.patient.locator("#near")
        await expect(near).to_have_class("mirrored")
        await more(met.patient)
        await met.patient.get_by_role("button", name="Snu kameraet").click()
        await expect(near).not_to_have_class("mirrored")
        await met.both_see_and_hear()
        assert (await sent(met.patient))["connections"] == 1
        await met.patient.get_by_role("button", name="Snu kameraet").click()
        await expect(near).to_have_class("mirrored")
        await sees(met.doctor)


async def test_a_line_that_loses_much_carries_sound_alone_until_it_is_calm(
    browser: Browser, home: House
) -> None:
    async with network() as air, meeting(browser, home, air) as met:
        air.loses = 3  # every third packet to the patient: what the doctor's page sends
        await expect(met.doctor.locator("#sending")).to_contain_text(
            "Nettet er for svakt til bilde nå."
        )
        await expect(met.patient.locator("#far-note")).to_contain_text("er for svakt til bilde nå")
        await hears(met.patient)
        air.loses = 0
        await expect(met.doctor.locator("#sending")).to_be_empty()
        await sees(met.patient)
        await expect(met.patient.locator("#far-note")).to_be_hidden()
