package writeback

import "strings"

// vocabulary maps a word, in upper case, to the form it is compared in. The
// empty form drops the word.
type vocabulary map[string]string

// short makes a vocabulary from groups of words that mean the same; the first
// of a group is the form, "-" drops the group.
func short(groups ...string) vocabulary {
	v := make(vocabulary)
	for _, g := range groups {
		words := strings.Fields(g)
		form := words[0]
		if form == "-" {
			form = ""
		}
		for _, w := range words[1:] {
			v[w] = form
		}
	}
	return v
}

// streetWords follows the street suffixes, directionals and unit designators
// of USPS Publication 28, appendix C. Designators of a single room say nothing
// of their own: STE 5, UNIT 5 and # 5 are one door.
var streetWords = short(
	"N NORTH", "S SOUTH", "E EAST", "W WEST",
	"NE NORTHEAST", "NW NORTHWEST", "SE SOUTHEAST", "SW SOUTHWEST",
	"- STE SUITE APT APARTMENT UNIT RM ROOM AND",
	"FL FLOOR FLR", "BLDG BUILDING BLD", "DEPT DEPARTMENT",
	"ALY ALLEY", "AVE AVENUE AV AVEN AVN", "BLVD BOULEVARD BOUL BLV", "BR BRANCH", "BRG BRIDGE",
	"BYP BYPASS", "CIR CIRCLE CIRC CRCL", "CT COURT", "CTR CENTER CENTRE CNTR", "COR CORNER",
	"CRES CRESCENT", "CRK CREEK", "CSWY CAUSEWAY", "CV COVE", "DR DRIVE DRV", "EST ESTATE", "ESTS ESTATES",
	"EXPY EXPRESSWAY EXPWY", "EXT EXTENSION", "FWY FREEWAY", "GDN GARDEN", "GDNS GARDENS", "GRV GROVE",
	"HBR HARBOR", "HL HILL", "HLS HILLS", "HOLW HOLLOW", "HTS HEIGHTS HGTS", "HWY HIGHWAY HIWAY HWAY",
	"JCT JUNCTION", "LK LAKE", "LKS LAKES", "LN LANE", "LNDG LANDING", "MDW MEADOW", "MDWS MEADOWS",
	"MNR MANOR", "MT MOUNT", "MTN MOUNTAIN", "PARK PARKS", "PKWY PARKWAY PARKWY PKY", "PL PLACE",
	"PLZ PLAZA PLZA", "PT POINT POINTE", "RD ROAD", "RDG RIDGE", "RTE ROUTE RT", "SHR SHORE", "SPG SPRING",
	"SPGS SPRINGS", "SQ SQUARE SQR", "ST STREET STR SAINT", "STA STATION", "TER TERRACE TERR",
	"TPKE TURNPIKE", "TRCE TRACE", "TRL TRAIL", "TUNL TUNNEL", "UN UNION", "VIS VISTA", "VLG VILLAGE",
	"VLY VALLEY", "VW VIEW", "XING CROSSING",
	"1ST FIRST", "2ND SECOND", "3RD THIRD", "4TH FOURTH", "5TH FIFTH", "6TH SIXTH", "7TH SEVENTH",
	"8TH EIGHTH", "9TH NINTH", "10TH TENTH",
)

// unitWords start the part of a street line that says where in the building.
var unitWords = map[string]bool{
	"STE": true, "SUITE": true, "APT": true, "APARTMENT": true, "UNIT": true, "RM": true, "ROOM": true,
	"FL": true, "FLOOR": true, "FLR": true, "BLDG": true, "BUILDING": true, "DEPT": true,
}

var cityWords = short(
	"N NORTH", "S SOUTH", "E EAST", "W WEST", "ST SAINT", "STE SAINTE", "FT FORT", "MT MOUNT", "HTS HEIGHTS",
	"SPGS SPRINGS", "TWP TOWNSHIP", "VLG VILLAGE", "CY CITY", "LK LAKE", "PT POINT", "JCT JUNCTION",
)

// nameWords drops what belongs into the suffix and credential fields and is
// often written behind, or before, the name. Some are surnames too; then a
// difference may go unseen, which costs less than a false one.
var nameWords = short("- JR SR II III IV DR MR MRS MS MISS MD DO PHD DDS DMD DPM DNP DPT PHARMD PSYD" +
	" RN NP APRN ARNP FNP CRNA CNM PA PAC PT OT LCSW LMFT LPC MBA MPH MSN FACP FACS ESQ")

// organizationWords drops the legal forms: rosters name practices without.
var organizationWords = short(
	"- AND THE INC INCORPORATED CORP CORPORATION CO COMPANY LTD LIMITED LLC PLLC LLP LLLP LP PC PA PSC",
	"ASSOC ASSOCIATES ASSOCIATION ASSN",
	"CTR CENTER CENTRE CNTR", "HOSP HOSPITAL", "MED MEDICAL", "GRP GROUP", "DEPT DEPARTMENT", "SVCS SERVICES",
	"ST SAINT", "MT MOUNT", "N NORTH", "S SOUTH", "E EAST", "W WEST", "INTL INTERNATIONAL", "UNIV UNIVERSITY",
	"PHYS PHYSICIANS", "DR DOCTOR",
)

// suffixes maps a folded name suffix to the spelling ProviderJSON allows.
// What is not here, a degree in the wrong column, is not a suffix.
var suffixes = map[string]string{
	"JR": "Jr.", "JUNIOR": "Jr.", "SR": "Sr.", "SENIOR": "Sr.", "2ND": "II", "3RD": "III", "4TH": "IV",
	"I": "I", "II": "II", "III": "III", "IV": "IV", "V": "V", "VI": "VI", "VII": "VII", "VIII": "VIII", "IX": "IX", "X": "X",
}

func suffix(s string) string {
	var b [24]byte
	return suffixes[string(fold(b[:0], s, nil))]
}

// states maps a folded state, by name or by code, to its postal code: the
// states, the district, the territories and the military posts.
var states = func() map[string]string {
	m := make(map[string]string)
	for _, s := range strings.Fields(`
		AL:ALABAMA AK:ALASKA AZ:ARIZONA AR:ARKANSAS CA:CALIFORNIA CO:COLORADO CT:CONNECTICUT DE:DELAWARE
		DC:DISTRICTOFCOLUMBIA FL:FLORIDA GA:GEORGIA HI:HAWAII ID:IDAHO IL:ILLINOIS IN:INDIANA IA:IOWA KS:KANSAS
		KY:KENTUCKY LA:LOUISIANA ME:MAINE MD:MARYLAND MA:MASSACHUSETTS MI:MICHIGAN MN:MINNESOTA MS:MISSISSIPPI
		MO:MISSOURI MT:MONTANA NE:NEBRASKA NV:NEVADA NH:NEWHAMPSHIRE NJ:NEWJERSEY NM:NEWMEXICO NY:NEWYORK
		NC:NORTHCAROLINA ND:NORTHDAKOTA OH:OHIO OK:OKLAHOMA OR:OREGON PA:PENNSYLVANIA RI:RHODEISLAND
		SC:SOUTHCAROLINA SD:SOUTHDAKOTA TN:TENNESSEE TX:TEXAS UT:UTAH VT:VERMONT VA:VIRGINIA WA:WASHINGTON
		WV:WESTVIRGINIA WI:WISCONSIN WY:WYOMING AS:AMERICANSAMOA FM:MICRONESIA GU:GUAM MH:MARSHALLISLANDS
		MP:NORTHERNMARIANAISLANDS PR:PUERTORICO PW:PALAU VI:VIRGINISLANDS
		AA:ARMEDFORCESAMERICAS AE:ARMEDFORCESEUROPE AP:ARMEDFORCESPACIFIC`) {
		code, name, _ := strings.Cut(s, ":")
		m[code], m[name] = code, code
	}
	return m
}()

// state is the postal code of a US state, "" for what is none.
func state(s string) string {
	var b [32]byte
	return states[string(fold(b[:0], s, nil))]
}

// country is a two-letter code, "" where the text is none. The territories
// have codes of their own and are addressed as US.
func country(s string) string {
	switch s {
	case "", "US":
		return s
	}
	var b [32]byte
	switch folded := fold(b[:0], s, nil); string(folded) {
	case "US", "USA", "UNITEDSTATES", "UNITEDSTATESOFAMERICA", "PR", "GU", "VI", "AS", "MP":
		return "US"
	default:
		if len(folded) != 2 || !said(s) {
			return ""
		}
		return string(folded)
	}
}
