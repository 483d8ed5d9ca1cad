package mirror

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
)

// object is a JSON object as it was recorded.
type object = map[string]any

// recorded are the results of one recorded answer.
func recorded(t testing.TB, name string) (results []object) {
	t.Helper()
	data, err := fs.ReadFile(Answers(), name)
	require.NoError(t, err)
	var a struct {
		Results []object `json:"results"`
	}
	require.NoError(t, json.Unmarshal(data, &a))
	return a.Results
}

// shipment is what CMS's files would have been, made from what its API said:
// the way back that the program must undo. It knows nothing of how the program
// reads files or writes answers.
type shipment struct {
	rows         map[string][]map[string]string // by table, by column
	descriptions map[string]string              // of taxonomies
}

func ship(results ...object) *shipment {
	s := &shipment{map[string][]map[string]string{}, map[string]string{}}
	for _, r := range results {
		s.add(r)
	}
	return s
}

func text(o object, key string) string {
	s, _ := o[key].(string) // "" for null and for what is not there
	if s == "--" {
		return "" // the API's sign for an empty prefix or suffix
	}
	return s
}

func objects(o object, key string) (list []object) {
	all, _ := o[key].([]any)
	for _, v := range all {
		list = append(list, v.(object))
	}
	return list
}

// american writes a day as the files do.
func american(day string) string {
	if day == "" {
		return ""
	}
	return day[5:7] + "/" + day[8:] + "/" + day[:4]
}

func bare(phone string) string { return strings.ReplaceAll(phone, "-", "") }

func (s *shipment) add(r object) {
	basic, npi := r["basic"].(object), text(r, "number")
	row := map[string]string{
		"NPI": npi, "Entity Type Code": strings.TrimPrefix(text(r, "enumeration_type"), "NPI-"),
		"Provider Organization Name (Legal Business Name)": text(basic, "organization_name"),
		"Provider Last Name (Legal Name)":                  text(basic, "last_name"),
		"Provider First Name":                              text(basic, "first_name"),
		"Provider Middle Name":                             text(basic, "middle_name"),
		"Provider Name Prefix Text":                        text(basic, "name_prefix"),
		"Provider Name Suffix Text":                        text(basic, "name_suffix"),
		"Provider Credential Text":                         text(basic, "credential"),
		"Provider Enumeration Date":                        american(text(basic, "enumeration_date")),
		"Last Update Date":                                 american(text(basic, "last_updated")),
		"Certification Date":                               american(text(basic, "certification_date")),
		"Provider Sex Code":                                text(basic, "sex") + text(basic, "gender"),
		"Is Sole Proprietor":                               yn(text(basic, "sole_proprietor")),
		"Is Organization Subpart":                          yn(text(basic, "organizational_subpart")),
		"Authorized Official Title or Position":            text(basic, "authorized_official_title_or_position"),
		"Authorized Official Telephone Number":             text(basic, "authorized_official_telephone_number"),
	}
	for column, key := range map[string]string{
		"Last Name": "last_name", "First Name": "first_name", "Middle Name": "middle_name",
		"Name Prefix Text": "name_prefix", "Name Suffix Text": "name_suffix", "Credential Text": "credential",
	} {
		row["Authorized Official "+column] = text(basic, "authorized_official_"+key)
	}
	if text(r, "enumeration_type") == "NPI-2" {
		row["Employer Identification Number (EIN)"] = "<UNAVAIL>"
	}
	for _, a := range objects(r, "addresses") {
		where := map[string]string{"MAILING": "Business Mailing", "LOCATION": "Business Practice Location"}[text(a, "address_purpose")]
		at := "Provider " + where + " Address "
		row["Provider First Line "+where+" Address"], row["Provider Second Line "+where+" Address"] = text(a, "address_1"), text(a, "address_2")
		row[at+"City Name"], row[at+"State Name"], row[at+"Postal Code"] = text(a, "city"), text(a, "state"), text(a, "postal_code")
		row[at+"Country Code (If outside U.S.)"] = text(a, "country_code")
		row[at+"Telephone Number"], row[at+"Fax Number"] = bare(text(a, "telephone_number")), bare(text(a, "fax_number"))
	}
	s.taxonomies(row, r)
	for i, d := range objects(r, "identifiers") {
		at := "Other Provider Identifier"
		n := fmt.Sprintf("_%d", i+1)
		row[at+n], row[at+" Type Code"+n], row[at+" State"+n], row[at+" Issuer"+n] = text(d, "identifier"), text(d, "code"), text(d, "state"), text(d, "issuer")
	}
	s.references(row, r)
	s.rows["npidata"] = append(s.rows["npidata"], row)
}

func yn(s string) string { return s[:min(len(s), 1)] }

func (s *shipment) taxonomies(row map[string]string, r object) {
	for i, x := range objects(r, "taxonomies") {
		n := fmt.Sprintf("_%d", i+1)
		row["Healthcare Provider Taxonomy Code"+n], row["Provider License Number"+n] = text(x, "code"), text(x, "license")
		row["Provider License Number State Code"+n] = text(x, "state")
		row["Healthcare Provider Primary Taxonomy Switch"+n] = map[bool]string{true: "Y", false: "N"}[x["primary"].(bool)]
		row["Healthcare Provider Taxonomy Group"+n] = map[string]string{
			"193200000X - Multi-Specialty Group":           "193200000X MULTI-SPECIALTY GROUP",
			"193400000X - Single Specialty Group":          "193400000X SINGLE SPECIALTY  GROUP",
			"193400000X - Multiple Single Specialty Group": "193400000X SINGLE SPECIALTY  GROUP",
		}[text(x, "taxonomy_group")]
		if d := text(x, "desc"); d != "" {
			s.descriptions[text(x, "code")] = d
		}
	}
}

// references puts in what is not in the main table.
func (s *shipment) references(row map[string]string, r object) {
	npi := row["NPI"]
	for _, n := range objects(r, "other_names") {
		if o := text(n, "organization_name"); o != "" {
			s.rows["othername"] = append(s.rows["othername"], map[string]string{
				"NPI": npi, "Provider Other Organization Name": o, "Provider Other Organization Name Type Code": text(n, "code")})
			continue
		}
		row["Provider Other Last Name"], row["Provider Other First Name"] = text(n, "last_name"), text(n, "first_name")
		row["Provider Other Middle Name"], row["Provider Other Credential Text"] = text(n, "middle_name"), text(n, "credential")
		row["Provider Other Name Prefix Text"], row["Provider Other Name Suffix Text"] = text(n, "prefix"), text(n, "suffix")
		row["Provider Other Last Name Type Code"] = text(n, "code")
	}
	for _, a := range objects(r, "practiceLocations") {
		const at = "Provider Secondary Practice Location Address"
		s.rows["pl"] = append(s.rows["pl"], map[string]string{
			"NPI": npi, at + "- Address Line 1": text(a, "address_1"), at + "-  Address Line 2": text(a, "address_2"),
			at + " - City Name": text(a, "city"), at + " - State Name": text(a, "state"), at + " - Postal Code": text(a, "postal_code"),
			at + " - Country Code (If outside U.S.)": text(a, "country_code"), at + " - Telephone Number": bare(text(a, "telephone_number")),
			"Provider Practice Location Address - Fax Number": bare(text(a, "fax_number")),
		})
	}
	for _, p := range objects(r, "endpoints") {
		const at = "Affiliation Address "
		s.rows["endpoint"] = append(s.rows["endpoint"], map[string]string{
			"NPI": npi, "Endpoint Type": text(p, "endpointType"), "Endpoint Type Description": text(p, "endpointTypeDescription"),
			"Endpoint": text(p, "endpoint"), "Affiliation": text(p, "affiliation"), "Endpoint Description": text(p, "endpointDescription"),
			"Affiliation Legal Business Name": text(p, "affiliationName"), "Use Code": text(p, "use"), "Use Description": text(p, "useDescription"),
			"Other Use Description": text(p, "useOtherDescription"), "Content Type": text(p, "contentType"),
			"Content Description": text(p, "contentTypeDescription"), "Other Content Description": text(p, "contentOtherDescription"),
			at + "Line One": text(p, "address_1"), at + "Line Two": text(p, "address_2"), at + "City": text(p, "city"), at + "State": text(p, "state"),
			at + "Country": text(p, "country_code"), at + "Postal Code": text(p, "postal_code"),
		})
	}
}

// imported is the shipment as the local registry has it, with its indexes.
func (s *shipment) imported(t testing.TB) *local.Store {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, table := range []string{"npidata", "othername", "pl", "endpoint"} {
		path := filepath.Join(dir, table+"_pfile_20050523-20261108.csv")
		require.NoError(t, os.WriteFile(path, []byte(s.csv(t, table)), 0o600))
		paths = append(paths, path)
	}
	codes := "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\n"
	for code, description := range s.descriptions {
		codes += code + `,,"` + description + `",,,,,` + "\n"
	}
	paths = append(paths, filepath.Join(dir, "nucc_taxonomy_261.csv"))
	require.NoError(t, os.WriteFile(paths[4], []byte(codes), 0o600))
	files, err := bulk.Recognize(paths...)
	require.NoError(t, err)
	registry := filepath.Join(dir, "registry")
	summary, err := local.Import(t.Context(), registry, files, local.Options{Search: true, Sample: true})
	require.NoError(t, err)
	require.Equal(t, len(s.rows["npidata"]), summary.New, "%+v", summary.Files)
	store, err := local.Open(registry)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// csv writes a table as CMS does: every value in quotes. A column that CMS
// does not have fails the test.
func (s *shipment) csv(t testing.TB, table string) string {
	header, err := os.ReadFile(filepath.Join("testdata", table+"_header.csv"))
	require.NoError(t, err)
	columns, err := csv.NewReader(strings.NewReader(string(header))).Read()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(strings.TrimSpace(string(header)) + "\n")
	for _, row := range s.rows[table] {
		for i, column := range columns {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + row[column] + `"`)
			delete(row, column)
		}
		b.WriteByte('\n')
		require.Empty(t, row)
	}
	return b.String()
}
