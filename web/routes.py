"""Every address of the service, on one page."""

from aiohttp import web

from venterom.web import (
    appointment,
    booking,
    consent,
    consultation,
    director,
    doctor,
    front,
    health,
    insurer,
    levers,
    notes,
    now,
    pages,
    patient,
    priority,
    protection,
    shift,
    signin,
    technical,
    truth,
    waiting,
    whom,
)


def routes() -> list[web.AbstractRouteDef]:
    """The room's socket and the echo, /visit/{visit}/signal and /visit/{visit}/echo, are the
    server's: they belong to the media."""
    get, post, put = web.get, web.post, web.put
    return [
        get("/", front.landing),
        get("/healthz", health.healthz),
        get("/static/{path:.+}", pages.static_file),
        # signing in and out, and the link in a message
        get("/sign-in/{door}", signin.start),
        get("/sign-in/{door}/back", signin.finish),
        post("/sign-out", signin.sign_out),
        post("/doctor/sign-out", signin.sign_out),
        post("/insurer/sign-out", signin.sign_out),
        post("/director/sign-out", signin.sign_out),
        get("/j", signin.link_page),
        post("/j", signin.open_link),
        get("/j/open", signin.follow_link),
        # the patient arrives
        get("/start", patient.start),
        get("/start/policy", patient.policy),
        post("/start/policy", patient.give_policy),
        get("/start/who", whom.who_for),
        post("/start/who", whom.say_who_for),
        get("/start/reason", patient.reason),
        post("/start/reason", patient.give_reason),
        get("/start/consent", consent.consent),
        post("/start/consent", consent.give_consent),
        get("/start/offer", booking.offer),
        post("/start/offer", booking.accept),
        # the patient's visit
        get("/visit/{visit}", waiting.visit),
        get("/visit/{visit}/room", waiting.room),
        get("/visit/{visit}/test", waiting.test),
        put("/visit/{visit}/check", technical.keep),
        post("/visit/{visit}/leave", waiting.leave),
        get("/visit/{visit}/move", appointment.choose),
        post("/visit/{visit}/move", appointment.move),
        get("/visit/{visit}/time.ics", appointment.calendar_file),
        get("/live/visit/{visit}", waiting.live),
        # the doctor
        get("/doctor", doctor.worklist),
        get("/doctor/shift", shift.show),
        post("/doctor/shift", shift.change),
        post("/doctor/on-call", shift.answer),
        post("/doctor/next", doctor.take_next),
        get("/doctor/visit/{visit}/priority", priority.ask),
        post("/doctor/visit/{visit}/priority", priority.change),
        get("/doctor/visit/{visit}", consultation.room),
        put("/doctor/visit/{visit}/note", notes.save_note),
        post("/doctor/visit/{visit}/sign", notes.sign),
        post("/doctor/visit/{visit}/hang-up", consultation.hang_up),
        post("/doctor/visit/{visit}/no-answer", consultation.no_answer),
        post("/doctor/visit/{visit}/protection", protection.report),
        post("/doctor/visit/{visit}/write-first", consultation.write_first),
        get("/live/doctor", doctor.live),
        get("/live/doctor/visit/{visit}", consultation.live),
        # the insurer
        get("/insurer", insurer.check_page),
        post("/insurer", insurer.check),
        # the director
        get("/director", director.week),
        get("/director/plan", director.new_line),
        post("/director/plan", director.add_line),
        get("/director/plan/{plan}", director.line),
        post("/director/plan/{plan}", director.change_line),
        post("/director/plan/{plan}/remove", director.remove_line),
        get("/director/levers", levers.show),
        post("/director/levers", levers.choose),
        get("/director/truth", truth.truth),
        get("/director/now", now.now),
        get("/live/director/now", now.live),
    ]
