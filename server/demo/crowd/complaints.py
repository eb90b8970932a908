"""What the crowd's patients come with, and what its doctors write about it: all of it invented."""

from dataclasses import dataclass, replace

from venterom.journal.note import NoteFields

HOME = "Hjemme"  # where robots are


@dataclass(frozen=True, slots=True)
class Complaint:
    """A patient's own words, and the note that a doctor might write afterwards."""

    words: str
    note: NoteFields


def _complaint(
    words: str, reason: str, history: str, findings: str, assessment: str, plan: str, icpc2: str
) -> Complaint:
    told = (reason, history, findings, assessment, plan, icpc2)
    return Complaint(words, NoteFields(*told, place=HOME))


OWN = (
    _complaint(
        "Vondt i halsen og litt feber siden i går. Har tatt Paracet.",
        "Sår hals og feber",
        "Ett døgn med sår hals, snue og 38,2. Drikker godt. Ingen pustevansker.",
        "Upåvirket på video. Snakker klart, svelger uten problemer.",
        "Viral øvre luftveisinfeksjon. Ikke tegn til alvorlig sykdom.",
        "Hvile, drikke og Paracet ved behov. Ny kontakt ved tung pust eller feber over fem døgn.",
        "R74",
    ),
    _complaint(
        "Svir når jeg tisser, og må på do hele tiden. Begynte i natt.",
        "Svie ved vannlating",
        "Ett døgn med svie og hyppig trang. Ingen feber, ingen flankesmerter. Ikke gravid.",
        "Feberfri etter egen måling, upåvirket.",
        "Ukomplisert blærekatarr.",
        "Drikke og smertestillende. Resept er sendt. Ny kontakt ved feber eller ryggsmerter.",
        "U71",
    ),
    _complaint(
        "Kink i korsryggen etter å ha løftet et skap. Klarer å gå.",
        "Akutte korsryggsmerter",
        "Tre dager etter et løft. Ingen utstråling, normal kraft, normal vannlating.",
        "Reiser seg og går på tå og hæl foran kameraet.",
        "Akutte uspesifikke korsryggsmerter uten røde flagg.",
        "Være i bevegelse, varme og smertestillende etter behov. Ny kontakt om to uker.",
        "L03",
    ),
    _complaint(
        "Jeg trenger ny resept på allergitablettene mine.",
        "Fornyelse av fast medisin",
        "Pollenallergi i mange år, god virkning av tablettene, ingen bivirkninger.",
        "Ikke undersøkt. Ser frisk ut på video.",
        "Kjent pollenallergi, stabil.",
        "Resepten er fornyet for ett år. Ta kontakt ved pipende pust.",
        "R97",
    ),
    _complaint(
        "Kløende utslett på begge hendene etter at jeg byttet såpe.",
        "Utslett på hendene",
        "En uke med kløe og tørr hud etter ny såpe. Ikke feber.",
        "Rød, tørr hud på håndryggene på video. Ingen sår eller puss.",
        "Eksem, trolig etter såpen.",
        "Tilbake til mild såpe, fuktighetskrem flere ganger daglig. Ny kontakt om det sprer seg.",
        "S06",
    ),
    _complaint(
        "Har sovet dårlig i tre uker og er sliten på jobb.",
        "Søvnvansker",
        "Vansker med innsovning etter en travel tid på jobb. Ikke nedstemt. Drikker kaffe sent.",
        "God kontakt, litt trøtt.",
        "Søvnvansker, forbigående.",
        "Faste tider, ingen kaffe etter kl. 14, opp av sengen når søvnen uteblir. Time om to uker.",
        "P06",
    ),
    _complaint(
        "Vond hodepine på den ene siden siden i morges. Har hatt migrene før.",
        "Hodepine",
        "Kjent migrene, vanlig anfall med lysskyhet. Ingen feber eller nakkestivhet.",
        "Våken og klar, beveger nakken fritt, snakker normalt.",
        "Migreneanfall av vanlig type.",
        "Egen anfallsmedisin nå, hvile i mørkt rom. Legevakt om det brått blir verre.",
        "N89",
    ),
    _complaint(
        "Rødt øye som klistrer seg igjen om morgenen.",
        "Rødt øye",
        "To dager med puss i høyre øye. Ser normalt, ingen smerter, bruker ikke linser.",
        "Rød slimhinne og litt puss på video. Normal pupill.",
        "Smittsom øyekatarr.",
        "Vask med lunkent vann flere ganger daglig. Ny kontakt ved smerter eller dårlig syn.",
        "F70",
    ),
    _complaint(
        "Oppkast og diaré siden i natt. Får i meg litt vann.",
        "Omgangssyke",
        "Ett døgn med oppkast og løs avføring. Flere syke på jobb. Tisser som vanlig.",
        "Litt blek, fuktige lepper, klar.",
        "Omgangssyke uten tegn til uttørking.",
        "Små slurker ofte. Hjemme i to døgn etter siste symptom. Legevakt ved døsighet.",
        "D73",
    ),
    _complaint(
        "Trenger sykmelding, har influensa og klarer ikke jobben.",
        "Influensa og sykmelding",
        "Tre dager med feber, verk og hoste. Ellers frisk.",
        "Trett, snakker uanstrengt i hele setninger.",
        "Influensaliknende sykdom, ukomplisert.",
        "Sykmelding ut uken. Hvile og drikke. Ny kontakt ved tung pust eller ny feber.",
        "R80",
    ),
    _complaint(
        "Blodtrykket har vært høyt hjemme denne uken, 160 over 95.",
        "Høyt blodtrykk",
        "Hjemmemålinger 150–160 over 90–95. Ingen brystsmerter, har glemt tabletter noen dager.",
        "Upåvirket, ingen tung pust.",
        "Kjent høyt blodtrykk, for lite medisin.",
        "Tablettene hver dag, måle morgen og kveld i en uke. Time hos fastlegen med tallene.",
        "K86",
    ),
    _complaint(
        "Vond skulder når jeg løfter armen, har malt huset i helgen.",
        "Skuldersmerter",
        "Fire dager etter maling over hodehøyde. Ingen fall.",
        "Løfter armen til 90 grader med smerte, god kraft nedover.",
        "Overbelastning av skulderen.",
        "Avlastning, smertestillende, øvelser fra dag tre. Time om tre uker om det ikke er bedre.",
        "L08",
    ),
)

FOR_CHILD = (
    _complaint(
        "Feber 39 siden i går kveld, men leker litt innimellom.",
        "Feber hos barn",
        "Ett døgn med feber og snue. Drikker og tisser. Vaksinert etter programmet.",
        "Våken, smiler til kameraet, puster rolig.",
        "Forkjølelse med feber, god allmenntilstand.",
        "Drikke, hvile og febernedsettende ved ubehag. Legevakt ved slapphet eller pustevansker.",
        "A03",
    ),
    _complaint(
        "Vondt i det ene øret siden i natt, gråter av og til.",
        "Øreverk",
        "En natt med øreverk etter forkjølelse. 38,0. Ingen væske fra øret.",
        "Tar seg til øret, ellers upåvirket. Ingen hevelse bak øret.",
        "Trolig mellomørebetennelse, ukomplisert.",
        "Smertestillende og se det an i to døgn. Ny kontakt ved verk etter det, eller høy feber.",
        "H71",
    ),
    _complaint(
        "Utslett på magen og armene etter middag, klør veldig.",
        "Elveblest",
        "Kløende vabler siden i går, kommer og går. Ingen hevelse i ansiktet, puster fint.",
        "Flate, røde vabler på armene på video. Ingen hevelse i leppene.",
        "Elveblest, trolig etter en virusinfeksjon.",
        "Allergitablett etter vekt. Ring 113 ved hevelse i munnen eller tung pust.",
        "S98",
    ),
    _complaint(
        "Hoster mye om natten, har vart i en uke.",
        "Hoste hos barn",
        "En uke etter forkjølelse. Feberfri, spiser og leker som vanlig.",
        "Ingen pipelyd eller inndragninger å se.",
        "Hoste etter virusinfeksjon.",
        "Se det an. Drikke og hevet hodeende. Ny kontakt etter tre uker, før ved tung pust.",
        "R05",
    ),
    _complaint(
        "Kastet opp fire ganger i dag, og vil ikke spise.",
        "Oppkast hos barn",
        "Ett døgn, andre er syke i barnehagen. Tar små slurker. Tisset for to timer siden.",
        "Trett, men klar. Fuktige lepper.",
        "Omgangssyke uten tegn til uttørking.",
        "En skje drikke hvert femte minutt. Legevakt ved døsighet eller ingen tiss på åtte timer.",
        "D73",
    ),
    _complaint(
        "Eksemet i albuene er blitt verre i vinter.",
        "Eksem hos barn",
        "Kjent atopisk eksem. Klør om natten, ingen sår.",
        "Rød og tørr hud i albuene. Ingen skorper.",
        "Atopisk eksem, verre i kulden.",
        "Fet krem morgen og kveld, mild kortisonkrem i fem dager. Time hos fastlegen om en måned.",
        "S87",
    ),
)

# For the words of somebody who is no robot.
ANY_OTHER = NoteFields(
    history="Sykehistorien er gjennomgått sammen med pasienten.",
    findings="Upåvirket på video, snakker uanstrengt.",
    assessment="Ingen tegn til alvorlig sykdom i dag.",
    plan="Se det an noen dager. Ta kontakt igjen hvis det blir verre eller ikke går over.",
    icpc2="A97",
    place=HOME,
)
NOTES = {complaint.words: complaint.note for complaint in OWN + FOR_CHILD}


def note_on(words: str) -> NoteFields:
    """What a doctor of the crowd writes about a patient who came with these words."""
    return NOTES.get(words) or replace(ANY_OTHER, reason=words)
