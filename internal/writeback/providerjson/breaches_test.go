package providerjson

import "strings"

// In edits _b_ is a blank.

var topBreaches = []breach{
	{Individual, Create, `enumeration_type=`, "T-TYPE-MISSING"},
	{Individual, Update, `enumeration_type=`, "T-TYPE-MISSING"},
	{Individual, Public, `enumeration_type= number=`, "T-TYPE-MISSING"},
	{Individual, Public, `enumeration_type=`, "?T-DEACTIVATED"},
	{Individual, Public, `enumeration_type="" basic={"status":"D"}`, "?T-DEACTIVATED"}, // the stub of the public files
	{Individual, Public, `enumeration_type=null number=null`, "?T-DEACTIVATED"},        // any value of the number
	{Individual, Public, `enumeration_type="" number=`, "T-TYPE-BAD"},
	{Individual, Update, `enumeration_type=""`, "T-TYPE-BAD"},
	{Individual, Update, `enumeration_type=null`, "T-TYPE-BAD"},
	{Individual, Create, `enumeration_type="npi-1"`, "T-TYPE-BAD"},
	{Individual, Create, `enumeration_type=["NPI-1"]`, "T-TYPE-BAD"},
	{Individual, Create, `number="1234567893"`, "?T-NUMBER-IGNORED"},
	{Individual, Create, `number=1234567890`, "?T-NUMBER-IGNORED ?T-LUHN"},
	{Individual, Create, `number=0`, ""}, // not given
	{Individual, Update, `number=`, "T-NUMBER-REQ"},
	{HealthPlan, Update, `number=""`, "T-NUMBER-REQ"},
	{Individual, Public, `number=""`, ""},
	{Individual, Update, `number=1234567893`, ""},
	{Individual, Update, `number="2"`, ""},         // any length will do
	{Individual, Update, `number="197368535"`, ""}, // nine digits
	{Individual, Update, `number=1679576722`, ""},
	{Organization, Update, `number="1111111111"`, "?T-LUHN"},
	{Organization, Public, `number="1142832052"`, "?T-LUHN"},
	{Individual, Update, `number="_b_1234567893"`, "?T-LUHN"},
	{Individual, Update, `number=1234567893.0`, ""}, // written again without the point
	{Individual, Update, `number=true`, "?T-LUHN"},
	{Individual, Update, `number=[1]`, "?T-LUHN"},
	{HealthPlan, Update, `number="1111111111"`, ""}, // no check digit there
	{AtypicalIndividual, Update, `number="x"`, ""},
	{Individual, Create, `more={"a":[1]} basic.more=1 addresses.0.more=null title=1 created_epoch="x" direct_addresses=1`, ""},
	{Individual, Create, `other_names= licenses= identifiers= affiliations= taxonomies.0.code="101Y00000X" taxonomy_licenses=`, ""},
}

var basicBreaches = append([]breach{
	{Individual, Update, `basic.enumeration_date="2014-02-30"`, "B-DATE-FMT:enumeration_date ?B-DATE-IGN:enumeration_date"},
	{Organization, Create, `basic.last_updated="2014-02-03"`, "?B-DATE-IGN:last_updated"},
	{HealthPlan, Update, `basic.initial_enumeration_date="02/03/2014"`, "B-DATE-FMT:initial_enumeration_date ?B-DATE-IGN:initial_enumeration_date"},
	{AtypicalIndividual, Public, `basic.date_of_death="never"`, "B-DATE-FMT:date_of_death"},
	{Individual, Public, `basic.reactivation_date="2014-2-3" basic.deactivation_date="2014-01-_b_5"`, ""},
	{Individual, Public, `basic.reactivation_date="2014-13-01" basic.deactivation_date="20140101"`, "B-DATE-FMT:reactivation_date B-DATE-FMT:deactivation_date"},
	{Individual, Public, `basic.enumeration_date="2014-02-29" basic.last_updated="x"`, "B-DATE-FMT:enumeration_date B-DATE-FMT:last_updated"},
	{Individual, Public, `basic.enumeration_date="" basic.last_updated=null`, ""}, // not given
	{Individual, Update, `basic.contact_person_telephone_number="(301)_b_555-0100"`, "B-LEN:contact_person_telephone_number B-PHONE:contact_person_telephone_number"},
	{Organization, Public, `basic.contact_person_telephone_number="3015550100"`, "B-PHONE:contact_person_telephone_number"},
	{Organization, Public, `basic.contact_person_telephone_number="301-555-0100\n"`, "B-LEN:contact_person_telephone_number"},
	{Organization, Public, `basic.contact_person_telephone_number=""`, ""},
	{Individual, Update, `basic.mode="C"`, "B-MODE ?B-MODE-NOT-A"},
	{Individual, Update, `basic.mode="a"`, "?B-MODE-NOT-A"},
	{HealthPlan, Public, `basic.mode="w"`, "?B-MODE-NOT-A"},
	{HealthPlan, Public, `basic.mode=`, ""},
	{Individual, Update, `basic.status="X"`, "B-STATUS ?B-STATUS-IGN"},
	{Individual, Create, `basic.status="a"`, "?B-STATUS-IGN"},
	{Individual, Public, `basic.status="D"`, ""},
	{Individual, Update, `basic.contact_method="e"`, "B-CONTACT-METHOD"},
	{Individual, Public, `basic.contact_method="e"`, ""},
	{Organization, Create, `basic.contact_method="M"`, ""},
	{HealthPlan, Public, `basic=`, ""},
}, each(
	"enumeration_date last_updated initial_enumeration_date date_of_death reactivation_date deactivation_date",
	func(f string) breach {
		return breach{Organization, Update, `basic.` + f + `="x"`, "B-DATE-FMT:" + f + " ?B-DATE-IGN:" + f}
	})...)

// each makes a breach of every member.
func each(members string, of func(member string) breach) (all []breach) {
	for f := range strings.FieldsSeq(members) {
		all = append(all, of(f))
	}
	return all
}

var individualBreaches = append([]breach{
	{Individual, Public, `basic.first_name=`, "B-REQ:first_name"},
	{Individual, Update, `basic.last_name=""`, "B-REQ:last_name"},
	{Individual, Update, `basic.last_name="_b_"`, ""}, // a blank is given
	{Individual, Public, `basic.sole_proprietor=`, "B-REQ:sole_proprietor"},
	{Individual, Update, `basic.name_suffix="XI"`, "B-CHOICE:name_suffix"},
	{Individual, Update, `basic.name_suffix="jr."`, ""},
	{Individual, Update, `basic.sole_proprietor="X"`, "B-CHOICE:sole_proprietor"},
	{Individual, Update, `basic.sole_proprietor="no" other_names.0.code="1"`, ""},
	{Individual, Create, `basic.gender=`, "B-REQ:gender"},
	{Individual, Create, `basic.gender="U"`, "B-CHOICE:gender"},
	{Individual, Create, `basic.gender="f"`, "B-CHOICE:gender"},
	{Individual, Create, `basic.gender="T"`, ""},
	{Individual, Public, `basic.gender="U"`, ""},
	{Individual, Update, `basic.gender="U"`, "?B-UPD-IGN:gender"},
	{Individual, Create, `basic.date_of_birth=`, "B-REQ:date_of_birth"},
	{Individual, Create, `basic.date_of_birth="1970-02-30"`, "B-DATE-FMT:date_of_birth"},
	{Individual, Update, `basic.date_of_birth="1970-02-30"`, "?B-UPD-IGN:date_of_birth"},
	{Individual, Public, `basic.date_of_birth="1970-02-30"`, ""},
	{Individual, Create, `basic.date_of_birth="2008-11-27"`, "B-AGE"},
	{Individual, Create, `basic.date_of_birth="2008-11-26"`, ""}, // 6570 days ago
	{Individual, Create, `basic.date_of_birth="9999-12-31"`, "B-AGE"},
	{Individual, Create, `basic.state_of_birth=`, "B-REQ:state_of_birth"},
	{Individual, Create, `basic.state_of_birth="AE"`, "B-CHOICE:state_of_birth"},
	{Individual, Create, `basic.state_of_birth="ZZ"`, ""}, // beside US
	{Individual, Update, `basic.state_of_birth="AE"`, "?B-UPD-IGN:state_of_birth"},
	{Individual, Create, `basic.country_of_birth=""`, "B-REQ:country_of_birth"},
	{Individual, Create, `basic.country_of_birth="XK" basic.state_of_birth="ZZ"`, "B-CHOICE:country_of_birth"},
	{Individual, Create, `basic.country_of_birth="FR" basic.state_of_birth="ZZ"`, ""},
	{Individual, Create, `basic.country_of_birth="PR" basic.state_of_birth="PR"`, "B-BIRTH-MISMATCH"},
	{Individual, Update, `basic.country_of_birth="FR"`, "B-BIRTH-MISMATCH ?B-UPD-IGN:country_of_birth"},
	{Individual, Public, `basic.country_of_birth="FR"`, "B-BIRTH-MISMATCH"},
	{Individual, Create, `basic.ssn=`, "B-SSN-OR-ITIN"},
	{Individual, Create, `basic.ssn= basic.itin="900700001"`, ""},
	{Individual, Update, `basic.ssn="000000001" basic.itin="900700001"`, "?B-UPD-IGN:ssn ?B-UPD-IGN:itin"},
	{Individual, Public, `basic.ssn="00000001"`, "B-NINE:ssn"},
	{Individual, Create, `basic.ssn="000-00-0001"`, "B-LEN:ssn B-NINE:ssn"},
	{Individual, Public, `basic.itin="12345678é"`, ""}, // nine characters, and none need be a digit
	{Individual, Public, `basic.itin="123456789é"`, "B-NINE:itin"},
	{Individual, Update, `basic.name_prefix="Sir"`, "B-CHOICE:name_prefix"},
	{Individual, Update, `basic.name_prefix="PROF."`, ""},
}, each("contact_person_email contact_person_first_name contact_person_last_name contact_person_telephone_number",
	func(f string) breach { return breach{Individual, Update, "basic." + f + "=", "B-REQ:" + f} })...)

var organizationBreaches = append([]breach{
	{Organization, Public, `basic.organization_name=`, "B-REQ:organization_name"},
	{Organization, Update, `basic.organization_name="` + strings.Repeat("x", 301) + `"`, "B-LEN:organization_name B-ORGNAME-LEN"},
	{Organization, Update, `basic.organization_name="` + strings.Repeat("x", 300) + `é"`, "B-ORGNAME-LEN"}, // all characters count here
	{Organization, Update, `basic.ein=`, "B-REQ:ein"},
	{Organization, Public, `basic.ein=`, ""},
	{Organization, Public, `basic.ein="00-000002"`, ""}, // nine characters
	{Organization, Public, `basic.ein="00000002"`, "B-NINE:ein"},
	{Organization, Create, `basic.authorized_official_telephone_number="301.555.0100"`, "B-PHONE:authorized_official_telephone_number"},
	{Individual, Create, `basic.authorized_official_telephone_number="301.555.0100"`, ""},
	{Organization, Create, `basic.organizational_subpart=true`, ""}, // a parent is not asked for
	{Organization, Create, `basic.parent_organization_npi="1234567893"`, "B-LEN:parent_organization_npi"},
}, each("authorized_official_first_name authorized_official_last_name authorized_official_title_or_position authorized_official_telephone_number",
	func(f string) breach { return breach{Organization, Public, "basic." + f + "=", "B-REQ:" + f} })...)

var nameBreaches = []breach{
	{Organization, Update, `other_names.0.code="1"`, "N-CODE-ORG#0"},
	{Organization, Update, `other_names.0.code=null`, "N-CODE-ORG#0"}, // None is no code
	{Organization, Update, `other_names.0.organization_name=null`, "N-ORG-REQ#0"},
	{Organization, Update, `other_names.0.code=`, "N-OTHERTYPE#0"},
	{Organization, Update, `other_names.0.code="" other_names.0.othertype="TRADE"`, ""},
	{Organization, Update, `other_names.0.code="5"`, ""}, // othertype is not asked for there
	{Individual, Update, `other_names.0.code="3"`, "N-CODE-IND#0"},
	{Individual, Update, `other_names.0.first_name=`, "N-FIRST#0"},
	{Individual, Update, `other_names.0.last_name=""`, "N-LAST#0"},
	{Individual, Update, `other_names.0.last_name=null`, ""},                     // the text None
	{Individual, Update, `other_names.0={}`, "N-FIRST#0 N-LAST#0 N-OTHERTYPE#0"}, // a blank code is one
	{Individual, Update, `other_names.0.suffix="jr."`, "N-SUFFIX#0"},             // case counts here
	{Individual, Update, `other_names.0.prefix="DR."`, "N-PREFIX#0"},
	{Individual, Update, `other_names.0.suffix=null other_names.0.prefix=""`, ""},
	{Individual, Update, `other_names.0.type="` + strings.Repeat("x", 101) + `"`, "N-LEN:type#0"},
	{Individual, Update, `basic.sole_proprietor="YES" other_names.0.code="4"`, "N-CODE-SP#0"},
	{Individual, Update, `basic.sole_proprietor="YES" other_names.0.code="3"`, ""},
	{Individual, Update, `basic.sole_proprietor="YES" other_names.0.first_name=`, "N-SP-NAME#0"},
	{Individual, Update, `basic.sole_proprietor="YES" other_names.0={"code":"3","organization_name":"EXAMPLE"}`, ""},
	{Individual, Update, `basic.sole_proprietor="yes" other_names.0={"code":"4"}`, ""}, // neither YES nor NO
	{Individual, Update, `basic.sole_proprietor= other_names.0.code="3"`, "B-REQ:sole_proprietor N-CODE-IND#0"},
	{Individual, Update, `basic.sole_proprietor=null other_names.0.code="3"`, "B-REQ:sole_proprietor"},
	{HealthPlan, Public, `other_names=[{"code":"4"},{"code":""}]`, "N-OTHERTYPE#1"},
	{AtypicalIndividual, Public, `other_names=[{"code":"9","suffix":"XI","prefix":"Sir"}]`, "N-SUFFIX#0 N-PREFIX#0"},
}

var addressBreaches = append([]breach{
	{Individual, Update, `addresses.1.address_type="APO"`, "A-TYPE#1"},
	{Individual, Update, `addresses.1.address_type=`, "A-TYPE#1"},
	{Individual, Update, `addresses.1.address_type="MIL"`, ""},
	{Individual, Update, `addresses.1.override_address_standardization="true"`, "A-OVR#1"},
	{Individual, Update, `addresses.1.override_address_standardization=2 addresses.1.accept_address_standardization=1`, "A-OVR#1"},
	{Individual, Update, `addresses.1.accept_address_standardization={"a":1}`, "A-ACC#1"},
	{Individual, Update, `addresses.1.accept_address_standardization=false addresses.1.override_address_standardization=null`, ""},
	{Individual, Update, `addresses.1.address_purpose="mailing"`, "A-PURPOSE#1 A-NO-MAILING"},
	{Individual, Update, `addresses.0.address_purpose=`, "A-PURPOSE#0 A-NO-LOCATION"},
	{Individual, Update, `addresses.0.address_purpose="TELEMEDICINE"`, "A-NO-LOCATION"},
	{Organization, Update, `addresses.0.address_purpose="1099"`, "A-NO-LOCATION"},
	{Organization, Update, `addresses.0.address_purpose="ADDITIONAL-DOCUMENTATION-REQUESTS"`, "A-LEN:address_purpose#0 A-NO-LOCATION"},
	{HealthPlan, Update, `addresses=`, "A-NO-MAILING"},
	{AtypicalIndividual, Create, `addresses=[]`, "A-NO-MAILING"},
	{Organization, Public, `addresses=`, "A-NO-LOCATION A-NO-MAILING"},
	{Organization, Public, `addresses.0.state=`, "A-REQ:state#0 A-STATE#0"},
	{Organization, Public, `addresses.0.state="AE"`, "A-STATE#0"},
	{Organization, Public, `addresses.0.state="md"`, "A-STATE#0"},
	{Organization, Public, `addresses.0.country_code=""`, "A-REQ:country_code#0 A-COUNTRY#0"},
	{Organization, Public, `addresses.0.country_code="USA"`, "A-LEN:country_code#0 A-COUNTRY#0"},
	{Organization, Public, `addresses.1.state= addresses.1.foreign_state="IDF"`, "A-REQ:state#1 A-STATE#1"}, // also abroad
	{Individual, Create, `addresses.0.zip="1" addresses.0.us_telephone_number="x" addresses.0.address_1="_b_"`, ""},
}, each("address_1 city zip", func(f string) breach {
	return breach{Individual, Create, "addresses.1." + f + "=", "A-REQ:" + f + "#1"}
})...)

var licenseBreaches = []breach{
	{Individual, Update, `licenses.0.code="MD-MDR-` + strings.Repeat("x", 44) + `"`, "L-LEN#0"},
	{Individual, Update, `licenses.0.code="MD-MDR-` + strings.Repeat("x", 43) + `"`, ""},
	{Individual, Update, `licenses.0.status="ACTIVE_WITH_RESTRICTIONS"`, "L-LEN#0"},
	{Individual, Update, `licenses.0.status=null`, ""},
	{Individual, Update, `licenses.0={"number":"D0012345","type":"MDR","state":"MD","status":"ACTIVE"}`, "L-REQ:code#0"}, // the older form
	{Individual, Update, `licenses.0.code=null`, "L-REQ:code#0"},
	{Individual, Public, `licenses.0.code="MD-MDR"`, "L-SHORT#0"},
	{Individual, Update, `licenses.0.code=""`, "L-SHORT#0"}, // its type is not looked at then
	{Individual, Update, `licenses.0.code="MD-XXX-1"`, "L-TYPE#0"},
	{Individual, Update, `licenses.0.code="md-mdr-1"`, "L-TYPE#0"},
	{Individual, Update, `licenses.0.code="WY-UNK-1"`, "L-TYPE#0"}, // a gap of the list
	{Individual, Update, `licenses.0.code="MD-MDR1"`, ""},
	{Individual, Public, `licenses.0.code="MD-XXX-1"`, ""},
	{HealthPlan, Create, `licenses=[{"code":"MD-MDR-1"},{"code":"x"}]`, "L-SHORT#1"},
}

var taxonomyBreaches = []breach{
	{Individual, Update, `taxonomies.0.code="106S00000X"`, "X-CODE#0"}, // newer than the table
	{Individual, Update, `taxonomies.0.code=`, "X-CODE#0"},
	{Individual, Update, `taxonomies.0.code=5`, "X-CODE#0"},
	{Individual, Update, `taxonomies.0.code="207r00000x"`, "X-CODE#0"},
	{Individual, Public, `taxonomies.0.code="106S00000X"`, ""},
	{Individual, Public, `taxonomies.0.primary=`, "X-PRIMARY-BOOL#0 X-PRIMARY-COUNT"},
	{Organization, Update, `taxonomies.1.primary="false"`, "X-PRIMARY-BOOL#1"},
	{Organization, Update, `taxonomies.1.primary=null`, "X-PRIMARY-BOOL#1"},
	{Organization, Update, `taxonomies.1.primary=0`, "X-PRIMARY-BOOL#1"},
	{Organization, Update, `taxonomies.1.primary=true`, "X-PRIMARY-COUNT"},
	{Organization, Update, `taxonomies.0.primary=false`, "X-PRIMARY-COUNT"},
	{HealthPlan, Public, `taxonomies=`, "X-PRIMARY-COUNT"},
	{HealthPlan, Public, `taxonomies=[]`, "X-PRIMARY-COUNT"},
	{Organization, Update, `taxonomies.1.code="101Y00000X"`, "X-INDIV-ONLY#1"},
	{Organization, Public, `taxonomies.1.code="101Y00000X"`, ""},
	{Organization, Update, `taxonomies.1.code="101Y00000X" basic.sole_proprietor="YES"`, ""},
	{Organization, Update, `taxonomies.1.code="101Y00000X" basic.sole_proprietor=""`, ""}, // anything but NO
	{Organization, Update, `taxonomies.1.code="101Y00000X" basic.sole_proprietor="NO"`, "X-INDIV-ONLY#1"},
	{AtypicalIndividual, Update, `basic.sole_proprietor=`, "X-INDIV-ONLY#0"},
	{HealthPlan, Update, `basic=`, "X-INDIV-ONLY#0"},
	{Individual, Update, `taxonomies.0.code="282N00000X"`, "X-ORG-ONLY#0"},
	{HealthPlan, Create, `taxonomies.0.code="302R00000X"`, "X-ORG-ONLY#0"},
	{Individual, Public, `taxonomies.0.code="282N00000X"`, ""},
	{Individual, Update, `taxonomy_licenses=`, "X-LICENSE#0"},
	{Individual, Update, `taxonomy_licenses.0.taxonomy_code="101Y00000X"`, "X-LICENSE#0"},
	{Individual, Update, `taxonomy_licenses.0.license_code= licenses=`, ""}, // never looked at
	{Individual, Public, `taxonomy_licenses=`, ""},
	{Organization, Create, `taxonomies.1.code="207R00000X"`, "X-INDIV-ONLY#1 X-LICENSE#1"},
	{Individual, Create, `taxonomies.0.code="code"`, "X-LICENSE#0"}, // the heading of the reference's table
	{Organization, Create, `taxonomies.1.code="code" taxonomy_licenses=[{"taxonomy_code":"code"}]`, ""},
}

var identifierBreaches = append([]breach{
	{Individual, Update, `identifiers.0.code="03"`, "I-CODE#0"},
	{Individual, Update, `identifiers.0.code=null`, "I-CODE#0"},
	{Individual, Update, `identifiers.0.code="5"`, ""},
	{Individual, Update, `identifiers.0.state="AE"`, "I-STATE#0"},
	{Individual, Update, `identifiers.0.state=null identifiers.0.issuer=null identifiers.0.identifier=0`, ""},
	{HealthPlan, Public, `identifiers=[{}]`, "I-REQ#0 I-REQ#0 I-REQ#0 I-REQ#0"},
}, each("identifier code state issuer", func(f string) breach {
	return breach{Organization, Update, "identifiers.0." + f + "=", "I-REQ#0"}
})...)

var affiliationBreaches = []breach{
	{Organization, Update, `affiliations.0.purpose="PAYER-NETWORK"`, "F-PURPOSE#0"},
	{Organization, Update, `affiliations.0.purpose=`, "F-PURPOSE#0"},
	{Organization, Update, `affiliations.0.affiliation_data_type=`, "F-DATATYPE#0"},
	{Organization, Update, `affiliations.0.affiliation_data_type="HIOS-PLAN-ID"`, "F-LEN:affiliation_data_type#0 F-DATATYPE#0"},
	{Organization, Update, `affiliations.0.affiliation_data_type="" affiliations.0.purpose="X"`, "F-PURPOSE#0 F-DATATYPE#0 F-DATATYPE-REQ#0"},
	{Organization, Update, `affiliations.0.affiliation_data_type="" `, "F-DATATYPE#0"},
	{Organization, Update, `affiliations.0.endpoint_data_type="HD-URL"`, "F-ENDTYPE#0"},
	{Individual, Create, `affiliations.0.endpoint_data_type=`, "F-ENDTYPE-REQ#0"},
	{Organization, Update, `affiliations.0.affiliation_identifier=`, "F-IDENT-REQ#0"},
	{Individual, Create, `affiliations.0.affiliation_identifier=`, "F-IDENT-REQ#0 F-LUHN#0"},
	{Individual, Create, `affiliations.0.affiliation_identifier=""`, "F-IDENT-REQ#0 F-LUHN#0"},
	{Individual, Create, `affiliations.0.affiliation_identifier="1234567890"`, "F-LUHN#0"},
	{Individual, Create, `affiliations.0.affiliation_data_type="EIN" affiliations.0.affiliation_identifier="x"`, ""},
	{Individual, Create, `affiliations.0.endpoint= affiliations.0.endpoint_data_type="FHIR-URL"`, "F-ENDPOINT-REQ#0"},
	{Individual, Create, `affiliations.0.endpoint=`, "F-ENDPOINT-REQ#0 F-EMAIL#0"},
	{Individual, Create, `affiliations.0.endpoint="ada@"`, "F-EMAIL#0"},
	{Organization, Update, `affiliations.0.endpoint_data_type="REGULAR-EMAIL-ADDRESS" affiliations.0.endpoint="example.com"`, "F-EMAIL#0"},
	{Organization, Update, `affiliations.0.purpose="DOMAIN"`, "F-ENDPOINT-REQ#0"},
	{Individual, Create, `affiliations.0.accepting_new_patients="YES"`, "F-ANP#0"},
	{Individual, Create, `affiliations.0.accepting_new_patients=""`, "F-ANP#0"},
	{Individual, Create, `affiliations.0.accepting_new_patients=0 affiliations.0.for_additional_documentation_request=null`, ""},
	{Individual, Create, `affiliations.0.for_additional_documentation_request=[]`, "F-ADR#0"},
	{Individual, Create, `affiliations.0.for_additional_documentation_request=1`, ""},
	{Organization, Update, `affiliations.0.state=`, "F-STATE-REQ#0"},
	{Organization, Update, `affiliations.0.state="AE"`, "F-STATE#0"},
	{HealthPlan, Public, `affiliations=[{"purpose":"MEDICARE-NETWORK","affiliation_data_type":"PAC-ID","affiliation_identifier":"1"},{}]`, "F-PURPOSE#1 F-DATATYPE#1"},
}

// What the reference crashes on.
var typeBreaches = []breach{
	{Individual, Update, `basic.first_name=5`, "wrong-type:first_name"},
	{Individual, Public, `basic.website=true basic.comments=[1] basic.credential={"a":1}`, "wrong-type:credential wrong-type:comments wrong-type:website"},
	{Individual, Update, `basic.middle_name=null basic.credential=0 basic.website=[] basic.comments={} basic.public_email=false`, ""}, // not given
	{Individual, Update, `basic.name_suffix=5`, "wrong-type:name_suffix"},
	{Individual, Update, `basic.sole_proprietor=5`, "wrong-type:sole_proprietor"},
	{Individual, Public, `basic.enumeration_date=20140101`, "wrong-type:enumeration_date"},
	{Individual, Create, `basic.date_of_birth=19700102`, "wrong-type:date_of_birth"},
	{Individual, Public, `basic.date_of_birth=19700102 basic.hpid_type=5`, ""}, // never looked at
	{Individual, Create, `basic.ssn=1`, "wrong-type:ssn"},
	{Organization, Update, `basic.organization_name=5 basic.ein=2`, "wrong-type:organization_name wrong-type:ein"},
	{Organization, Update, `basic.mode=5`, "wrong-type:mode ?B-MODE-NOT-A"},
	{Organization, Update, `other_names.0.code=3`, "wrong-type:code#0"},
	{Organization, Update, `other_names.0.suffix=["Jr."]`, "wrong-type:suffix#0"},
	{Organization, Update, `addresses.0.zip=21201`, "wrong-type:zip#0"},
	{Organization, Update, `addresses.0.address_2=null`, "wrong-type:address_2#0"},
	{Organization, Update, `addresses.0.city=false`, "wrong-type:city#0 A-REQ:city#0"},
	{Organization, Update, `addresses.0.address_type=5`, "wrong-type:address_type#0"},
	{Individual, Update, `licenses.0.code=1234567`, "wrong-type:code#0"},
	{Individual, Update, `identifiers.0.code=5 identifiers.0.state=5`, "wrong-type:code#0 wrong-type:state#0"},
	{Individual, Create, `affiliations.0.affiliation_identifier=1234567893`, "wrong-type:affiliation_identifier#0"},
	{Individual, Create, `affiliations.0.endpoint=5`, "wrong-type:endpoint#0"},
	{Individual, Update, `basic=null`, "wrong-type:basic"},
	{Organization, Update, `basic=[]`, "wrong-type:basic"},
	{Individual, Update, `other_names=null licenses={} identifiers="x" affiliations=5`, "wrong-type:other_names wrong-type:licenses wrong-type:identifiers wrong-type:affiliations"},
	{Individual, Update, `addresses={} taxonomies=null`, "wrong-type:addresses wrong-type:taxonomies"},
	{Individual, Update, `taxonomy_licenses=null`, "wrong-type:taxonomy_licenses X-LICENSE#0"},
	{Individual, Update, `addresses.1="PO_b_BOX_b_3" licenses.0=null`, "wrong-type:addresses#1 A-NO-MAILING wrong-type:licenses#0"},
	{Organization, Update, `taxonomies.1=["282N00000X"] taxonomy_licenses=[5]`, "wrong-type:taxonomies#1 wrong-type:taxonomy_licenses#0"},
}
