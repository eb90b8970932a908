"""The texts of version 2026-1, in bokmål, nynorsk and English. Published: never to be changed."""

from collections.abc import Mapping
from typing import TypeAlias

VERSION = "2026-1"

# language -> id of the text -> title and (heading, paragraph) pairs
Texts: TypeAlias = Mapping[str, Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]]

TEXTS: Texts = {
    "nb": {
        "notice": (
            "Før du møter legen",
            (
                (
                    "Ikke for akutt hjelp",
                    "Står det om liv, ring 113 nå. Haster det, men ikke om liv, ring legevakten "
                    "på 116 117.",
                ),
                (
                    "Slik foregår det",
                    "Du møter en norsk lege på video. Legen spør, ser og vurderer. Trenger du en "
                    "undersøkelse som ikke kan gjøres på video, sier legen fra og hjelper deg "
                    "videre.",
                ),
                (
                    "Samtalen blir aldri tatt opp",
                    "Lyd og bilde går kryptert fra deg til tjenesten og videre til legen, og "
                    "ingenting av det blir lagret. Du ser hele tiden hvem som er med i samtalen.",
                ),
                (
                    "Alt blir skrevet i journalen",
                    "Det du skriver her, og det legen finner ut og bestemmer, blir skrevet i "
                    "pasientjournalen din. Det må legen gjøre etter loven. Journalen oppbevares "
                    "så lenge helsehjelpen trenger den.",
                ),
                (
                    "Hvem som ser hva",
                    "Legen som har time med deg, leser journalen. Legene på vakt ser kort hvorfor "
                    "du venter, så den som trenger det mest, får hjelp først. Hver gang noen "
                    "leser om deg, blir det notert, og du kan se hvem det var.",
                ),
                (
                    "Dette får forsikringsselskapet vite",
                    "Bare at polisen ble brukt denne dagen. Ikke hvorfor, ikke hva dere snakket "
                    "om, og ikke hva legen bestemte.",
                ),
                (
                    "Når det gjelder et barn",
                    "En av foreldrene kan bestille for et barn under 18 år. Barn fra 7 år skal få "
                    "si hva de mener, og fra 12 år teller det mye. Den som er 16 eller 17 år, "
                    "bestemmer selv og leser journalen sin selv.",
                ),
                (
                    "Rettighetene dine",
                    "Du kan lese journalen din og få kopi av den. Du kan be om at noe blir rettet "
                    "eller slettet, og at bestemte personer ikke får lese den. Er du misfornøyd, "
                    "kan du klage til Statsforvalteren, og til Datatilsynet når det gjelder "
                    "personvern. Pasient- og brukerombudet hjelper deg gratis.",
                ),
            ),
        ),
        "consent": (
            "Samtykke",
            (
                (
                    "Dette sier du ja til",
                    "At legen møter deg på video, at opplysninger om deg går elektronisk mellom "
                    "deg, legen og journalen, og at forsikringsselskapet får vite at polisen ble "
                    "brukt denne dagen.",
                ),
                (
                    "Du kan ombestemme deg",
                    "Du kan trekke samtykket når du vil, uten å si hvorfor: trykk på «Avbryt "
                    "timen» i venterommet, eller si det til legen. Det som alt er skrevet i "
                    "journalen, blir stående, for det krever loven. Du kan alltid gå til en lege "
                    "på et legekontor i stedet.",
                ),
            ),
        ),
    },
    "nn": {
        "notice": (
            "Før du møter legen",
            (
                (
                    "Ikkje for akutt hjelp",
                    "Står det om liv, ring 113 no. Hastar det, men ikkje om liv, ring legevakta "
                    "på 116 117.",
                ),
                (
                    "Slik går det føre seg",
                    "Du møter ein norsk lege på video. Legen spør, ser og vurderer. Treng du ei "
                    "undersøking som ikkje kan gjerast på video, seier legen frå og hjelper deg "
                    "vidare.",
                ),
                (
                    "Samtalen blir aldri teken opp",
                    "Lyd og bilete går kryptert frå deg til tenesta og vidare til legen, og "
                    "ingenting av det blir lagra. Du ser heile tida kven som er med i samtalen.",
                ),
                (
                    "Alt blir skrive i journalen",
                    "Det du skriv her, og det legen finn ut og avgjer, blir skrive i "
                    "pasientjournalen din. Det må legen gjere etter lova. Journalen blir teken "
                    "vare på så lenge helsehjelpa treng han.",
                ),
                (
                    "Kven som ser kva",
                    "Legen som har time med deg, les journalen. Legane på vakt ser kort kvifor du "
                    "ventar, så den som treng det mest, får hjelp først. Kvar gong nokon les om "
                    "deg, blir det notert, og du kan sjå kven det var.",
                ),
                (
                    "Dette får forsikringsselskapet vite",
                    "Berre at polisen blei brukt denne dagen. Ikkje kvifor, ikkje kva de snakka "
                    "om, og ikkje kva legen avgjorde.",
                ),
                (
                    "Når det gjeld eit barn",
                    "Ein av foreldra kan bestille for eit barn under 18 år. Barn frå 7 år skal få "
                    "seie kva dei meiner, og frå 12 år tel det mykje. Den som er 16 eller 17 år, "
                    "avgjer sjølv og les journalen sin sjølv.",
                ),
                (
                    "Rettane dine",
                    "Du kan lese journalen din og få kopi av han. Du kan be om at noko blir retta "
                    "eller sletta, og at visse personar ikkje får lese han. Er du misnøgd, kan du "
                    "klage til Statsforvaltaren, og til Datatilsynet når det gjeld personvern. "
                    "Pasient- og brukarombodet hjelper deg gratis.",
                ),
            ),
        ),
        "consent": (
            "Samtykke",
            (
                (
                    "Dette seier du ja til",
                    "At legen møter deg på video, at opplysningar om deg går elektronisk mellom "
                    "deg, legen og journalen, og at forsikringsselskapet får vite at polisen blei "
                    "brukt denne dagen.",
                ),
                (
                    "Du kan ombestemme deg",
                    "Du kan trekkje samtykket når du vil, utan å seie kvifor: trykk på «Avbryt "
                    "timen» i venterommet, eller sei det til legen. Det som alt er skrive i "
                    "journalen, blir ståande, for det krev lova. Du kan alltid gå til ein lege på "
                    "eit legekontor i staden.",
                ),
            ),
        ),
    },
    "en": {
        "notice": (
            "Before you meet the doctor",
            (
                (
                    "Not for emergencies",
                    "If a life is in danger, call 113 now. If it is urgent but not that serious, "
                    "call the out-of-hours doctor on 116 117.",
                ),
                (
                    "What happens",
                    "You meet a Norwegian doctor by video. The doctor asks, looks and advises. If "
                    "you need an examination that cannot be done by video, the doctor says so and "
                    "helps you on.",
                ),
                (
                    "The call is never recorded",
                    "Sound and picture travel encrypted from you to the service and on to the "
                    "doctor, and none of it is kept. You can see all the time who is in the call.",
                ),
                (
                    "Everything is written in your record",
                    "What you write here, and what the doctor finds and decides, is written in "
                    "your medical record. The law requires it. The record is kept as "
                    "long as your care needs it.",
                ),
                (
                    "Who sees what",
                    "The doctor who meets you reads your record. The doctors on duty see in a few "
                    "words why you are waiting, so that whoever needs it most is helped first. "
                    "Each time somebody reads about you it is noted, and you can see who it was.",
                ),
                (
                    "What your insurer learns",
                    "Only that the policy was used on this day. Not why, not what you talked "
                    "about, and not what the doctor decided.",
                ),
                (
                    "If it is for a child",
                    "One parent can book for a child under 18. Children of 7 and over are asked "
                    "what they think, and from 12 that counts for a lot. At 16 and 17 young "
                    "people decide for themselves, and read their record themselves.",
                ),
                (
                    "Your rights",
                    "You can read your record and have a copy. You can ask for something to be "
                    "corrected or deleted, and for certain people not to read it. If you are not "
                    "happy, you can complain to the County Governor (Statsforvalteren), and to "
                    "the Data Protection Authority (Datatilsynet) about privacy. The Patient "
                    "Ombudsman helps you free of charge.",
                ),
            ),
        ),
        "consent": (
            "Your consent",
            (
                (
                    "What you say yes to",
                    "That the doctor meets you by video, that information about you travels "
                    "electronically between you, the doctor and the record, and that your insurer "
                    "learns that the policy was used on this day.",
                ),
                (
                    "You can change your mind",
                    "You can withdraw your consent whenever you like, without saying why: press "
                    "“Cancel the appointment” in the waiting room, or tell the doctor. What is "
                    "already written in the record stays there, because the law says so. You can "
                    "always see a doctor at a surgery instead.",
                ),
            ),
        ),
    },
}
