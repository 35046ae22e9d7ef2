"""Who flies, by the form of the call sign: an airline, business or private flying, freight, someone else, or not told.

Airlines land where airlines have their service; a business jet goes to the field beside it; freight goes to either. The
aircraft's type would say so too, but few tracks give it, and the call sign is in nearly all. Three tables of facts, all
incomplete: an operator in none is "other". Charter and state operators are left out on purpose: they use any field.
Designators as in ICAO Doc 8585; nothing of an operator's flights is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

Operation = Literal["airline", "business", "freight", "other"]

_AIRLINES: Final = """
    AAL UAL DAL SWA ASA JBU NKS FFT HAL AAY SKW RPA EDV ENY ASH GJS JIA PDT QXE SCX ACA WJA ROU JZA TSC AMX VOI VIV
    AVA LAN TAM GLO AZU ARG CMP BAW SHT CFE VIR EZY EJU EZS EXS TOM TFL RYR RUK EIN STK LOG BEE BMR MON TCX AFR HOP
    TVF TRA KLM DLH CLH EWG SWR EDW AUA BEL SAS NAX NOZ IBK FIN WIF ICE BTI LOT CSA TVS WZZ WUK ROT AEE OAL SEH TAP
    IBE IBS ANE VLG AEA VOE ITY AZA DLA CTN ASL TAR DAH RAM LGL ETH KQA SAA THY PGT SXS OHY FHY KKK AFL SBI SDM SVR
    UTA UZB KZR AHY BRU AUI ELY ISR AIZ RJA MEA SVA KNE FAD UAE FDB ETD QTR KAC OMA GFA ABY IAW IRA AIC AXB IGO SEJ
    ALK PIA BBC THA AIQ SIA SLK TGW MAS AXM GIA LNI CTV PAL CEB HVN VJC CPA HDA HKE CRK CAL EVA CCA CES CSN CHH CXA
    CSC CSZ CQH DKH JAL ANA JJP APJ SKY KAL AAR JNA JJA ABL TWB ANZ QFA JST VOZ FJI CRL FBU CCM XLF FWI REU MDG MSR
    CND NVR SNG VKG CFG MGX BRQ TUI JAF BLX OCN WMT RYS NOS IBB RZO KMM FPY NSZ DAT SQP JZR OMS SYR JAV TKJ CAI IRM
    IRC VTI AKJ LLR CDG GCR CBJ CUA HXA HBH QDA OKA TBA UEA KNA SJX TTW MDA UIA ESR SFJ SNJ ADO TZP AWQ BTK SJV FFM
    MXD BKP NOK TLM TVJ APG PIC BAV SLI SKU JAT LPE LNE ARE FBZ RPB MXY VXP CPN VTE RVP
"""
AIRLINES: Final = frozenset(_AIRLINES.split())
"""Of carriers with scheduled service for passengers."""

_BUSINESS: Final = """
    AAB ABP ADN AHO AJU AOE AOJ ASJ AUJ AXY AZE BCV BES BFS BIZ BJS BOO BVR BXA BZF CHV CJE CJI CJS CKE CLF CNS CPR
    CPV CVF CWY DCS DER DNJ DNK DPJ DSO EAU EBJ ECJ EDG EDJ EFD EGJ EJA EJD EJM EJO EJS ERJ ESJ ETV EXE EXH EXJ EXU
    FGY FJC FJO FJS FLJ FPG FYG FYL GAC GAJ GBJ GLJ GMA GNJ GNS GSJ HJL HPJ HTL HYP IBY IFA IJA IJM IJT INS IXR JAG
    JAR JCR JCS JCX JEA JED JEF JEI JEP JFA JLN JME JNV JSI JTL JTR KOW LEA LFE LMJ LNX LXA LXJ MEJ MJF MJR MTJ MVI
    NAJ NEX NJC NJE NTX NWD OES OPS OPT PAV PEA PJA PJP PJS PNX PRX PTI PVJ PWF QAJ QQE ROJ RSJ SAZ SCJ SIW SJT SNA
    SPX SVW SWY TIE TJS TWY TYW UEJ UJT UNJ VCG VCN VIE VJA VJE VJT VLJ VLX VMP VNK VOL VPV WUP WWI XEC XGO XJC XOJ
    XSR
"""
BUSINESS: Final = frozenset(_BUSINESS.split())
"""Of operators that fly business jets for hire, in shares or for their owners."""

_FREIGHT: Final = """
    FDX UPS DHK BCS DAE DHX DHL CLX ICV ABW GTI CKS ABX ATN PAC GEC BOX AZQ AZG ICL MPH TAY SWN NPT AHK CAO CKK CSS
    YZR CYZ NCA SQC VDA ADB MSX TUS LCO LTG MAA TPA WGN NCR SOO CJT MTN CFS AMF SRR MNB KZU RUN BBD ABR FPO SWT ACP
    AJK GSS KYE AJT
"""
FREIGHT: Final = frozenset(_FREIGHT.split())
"""Of carriers of freight: nothing is claimed of where they land."""

_OF_AN_OPERATOR: Final = re.compile(r"[A-Z]{3}\d[A-Z0-9]{0,4}")
_REGISTRATION: Final = re.compile(
    r"N\d[A-Z0-9]{0,4}|[A-Z]{5}|[A-Z]\d[A-Z]{3}|\d[A-Z][A-Z0-9]{2,4}|[A-Z]{2}[A-Z0-9]{2,4}\d*"
)
_WORD: Final = re.compile(r"[A-Z]{4,}\d+")


_TABLES: Final[tuple[tuple[Operation, frozenset[str]], ...]] = (
    ("airline", AIRLINES), ("business", BUSINESS), ("freight", FREIGHT)
)  # fmt: skip


def operation_of(callsigns: Iterable[str]) -> Operation | None:
    """Who flies under the first of these call signs; None without one, and for simulated ones (`SIM…`)."""
    sign = next((text for each in callsigns if (text := each.strip().upper())), "")
    if not sign or sign.startswith("SIM"):
        return None
    if _OF_AN_OPERATOR.fullmatch(sign):
        return next((who for who, table in _TABLES if sign[:3] in table), "other")
    if _WORD.fullmatch(sign):
        return "other"
    return "business" if _REGISTRATION.fullmatch(sign) else "other"
