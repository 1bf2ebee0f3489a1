"""Where and when, as carriers write it: country codes of three letters, and local times without a zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from disputes.facts import Address
from evidence.sources.values import instant

_ISO_3166 = (
    "ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI "
    "BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT "
    "BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU "
    "CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET "
    "FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR "
    "GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR "
    "IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB "
    "LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH "
    "MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE "
    "NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL "
    "PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ "
    "SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC "
    "TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY "
    "USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW "
)


@cache
def _two_letters() -> dict[str, str]:
    return {pair[:3]: pair[3:] for pair in _ISO_3166.split()}


def country(code: str | None) -> str | None:
    """The two letters of a country; "USA" is US. What is no code of ISO 3166 stays as it was written."""
    written = (code or "").strip()
    return _two_letters().get(written.upper(), written.upper() if len(written) == 2 else written) or None


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    """By country, as the time-zone database lists them."""
    found: dict[str, list[str]] = defaultdict(list)
    table = files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        codes, _, rest = line.partition("\t")
        if not line.startswith("#"):
            for code in codes.split(","):
                found[code].append(rest.split("\t")[1])
    return {code: tuple(zones) for code, zones in found.items()}


def local_instant(text: str, code: str | None) -> tuple[datetime, bool]:
    """A carrier's local time in a country, and whether the instant is known: by an offset beside it, or because all
    clocks of the country show the same. Else it stands as if it were UTC, which may be wrong by half a day, and so may
    a day without a time. Raises Unreadable."""
    plain = instant(text, "UTC")
    if plain == instant(text, "Pacific/Auckland"):
        return plain, True  # it names its offset
    local = {instant(text, zone) for zone in _zones().get(code or "", ())}
    return (local.pop(), ":" in text) if len(local) == 1 else (plain, False)


def shown(place: Address | None) -> str | None:
    """A place on one line: "Austin, TX 78701, US"."""
    if place is None:
        return None
    region = " ".join(part for part in (place.region, place.postal_code) if part)
    return ", ".join(part for part in (place.line1, place.city, region, place.country) if part) or None
