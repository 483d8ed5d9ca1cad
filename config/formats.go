package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Formats says how documents of somebody's own make are read.
type Formats struct {
	// JSON are mappings of JSON documents; the first one that fits a document
	// reads it. Its variable holds YAML in brackets. Default none.
	JSON []JSONFormat `yaml:"json"`
}

// JSONFormat says by JSON pointers (RFC 6901) where a form of document has what
// a record needs. Pointers below Records begin at the record, those of a
// provider with Each at the element; "" is unsaid.
//
// Its fields are those of the reader's own type, in the same order, so that
// one converts into the other; that is why the parts are aliases of structs
// without a name.
type JSONFormat struct {
	// Name of the mapping, for people; each has its own.
	Name string `yaml:"name"`
	// Kind of the records: claim or roster.
	Kind string `yaml:"kind"`
	// When points to what only such documents have.
	When string `yaml:"when"`
	// Value is what must stand there; "" is anything.
	Value string `yaml:"value"`
	// Records points to an array of records; "" where the document is one.
	Records string `yaml:"records"`
	// Dates is the form of all dates: 2006-01-02 (the default), 20060102 or
	// 01/02/2006.
	Dates string `yaml:"dates"`
	// ID points to what names the record.
	ID string `yaml:"id"`
	// Type of a claim: professional, institutional, dental, or a pointer to
	// it; Types turns what stands there into one of them.
	Type  string            `yaml:"type"`
	Types map[string]string `yaml:"types"`
	// ServiceFrom, ServiceTo and PlaceOfService (two digits) of a claim.
	ServiceFrom    string `yaml:"service_from"`
	ServiceTo      string `yaml:"service_to"`
	PlaceOfService string `yaml:"place_of_service"`
	// Credential and all up to Addresses are a roster's.
	Credential      string `yaml:"credential"`
	EffectiveDate   string `yaml:"effective_date"`
	TerminationDate string `yaml:"termination_date"`
	Action          string `yaml:"action"`
	// Taxonomies are those beside the provider's own.
	Taxonomies []string      `yaml:"taxonomies"`
	Addresses  []JSONAddress `yaml:"addresses"`
	// Providers of the record; the first one of a roster is the row's own.
	Providers []JSONProvider `yaml:"providers"`
}

// JSONProvider is one provider of a record, or an array of them.
type JSONProvider = struct {
	// Each points to an array of providers; "" is one.
	Each string `yaml:"each"`
	// Role is a role, or a pointer to it; Roles turns what stands there into
	// one.
	Role  string            `yaml:"role"`
	Roles map[string]string `yaml:"roles"`
	// NPI points to the identifier.
	NPI string `yaml:"npi"`
	// Line points to the service line it is limited to.
	Line string `yaml:"line"`
	// Entity is person, organization, or a pointer to it; Entities turns what
	// stands there into one.
	Entity           string            `yaml:"entity"`
	Entities         map[string]string `yaml:"entities"`
	OrganizationName string            `yaml:"organization_name"`
	FirstName        string            `yaml:"first_name"`
	MiddleName       string            `yaml:"middle_name"`
	LastName         string            `yaml:"last_name"`
	Suffix           string            `yaml:"suffix"`
	Taxonomy         string            `yaml:"taxonomy"`
	TIN              string            `yaml:"tin"`
	// OtherID points to a payer's own number, of those who have no NPI.
	OtherID string `yaml:"other_id"`
}

// JSONAddress is one address of a roster's provider.
type JSONAddress = struct {
	// Purpose is LOCATION, the default, MAILING, or a pointer to either.
	Purpose     string `yaml:"purpose"`
	Address1    string `yaml:"address_1"`
	Address2    string `yaml:"address_2"`
	City        string `yaml:"city"`
	State       string `yaml:"state"`
	PostalCode  string `yaml:"postal_code"`
	CountryCode string `yaml:"country_code"`
	Phone       string `yaml:"telephone_number"`
	Fax         string `yaml:"fax_number"`
}

// jsonFormats reads mappings out of one text. The error names all its faults.
func jsonFormats(text string) ([]JSONFormat, error) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, errors.New(syntaxFault("it", err))
	}
	var formats []JSONFormat
	r := &reading{path: "it"}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			r.structure("formats.json", doc.Body, reflect.ValueOf(&formats).Elem())
		}
	}
	if len(r.faults) > 0 {
		return nil, errors.New(strings.Join(r.faults, "; "))
	}
	return formats, nil
}

func isSequence(node ast.Node) bool {
	_, ok := node.(*ast.SequenceNode)
	return ok
}

// structure reads a value that has parts: a list, a group of keys, a table.
func (r *reading) structure(key string, node ast.Node, into reflect.Value) {
	switch into.Kind() {
	case reflect.Slice:
		seq, ok := node.(*ast.SequenceNode)
		if !ok {
			r.fault(node, "%s: not a list; write [ ... ], or one entry on each line after a hyphen", key)
			return
		}
		for i, v := range seq.Values {
			one := reflect.New(into.Type().Elem()).Elem()
			r.structure(fmt.Sprintf("%s[%d]", key, i), v, one)
			into.Set(reflect.Append(into, one))
		}
	case reflect.Struct:
		r.fields(key, node, into)
	case reflect.Map:
		r.table(key, node, into)
	default:
		text, ok := scalar(node)
		if !ok {
			r.fault(node, "%s: not a plain value; write it on the line of its key", key)
		} else if strings.ContainsFunc(text, isControl) {
			r.fault(node, "%s: %v", key, errControl)
		}
		into.SetString(text)
	}
}

// fields reads the keys of a struct.
func (r *reading) fields(key string, node ast.Node, into reflect.Value) {
	var names []string
	for i := range into.NumField() {
		names = append(names, into.Type().Field(i).Tag.Get("yaml"))
	}
	for _, pair := range r.pairs(key, node) {
		name := pair.Key.GetToken().Value
		i := slices.Index(names, name)
		if i < 0 {
			r.fault(pair.Key, "%.80q: no such key; did you mean %s?", key+"."+name, nearest(name, names))
		} else if _, empty := pair.Value.(*ast.NullNode); !empty {
			r.structure(key+"."+name, pair.Value, into.Field(i))
		}
	}
}

// table reads what words of a document mean.
func (r *reading) table(key string, node ast.Node, into reflect.Value) {
	words := map[string]string{}
	for _, pair := range r.pairs(key, node) {
		name := pair.Key.GetToken().Value
		text, ok := scalar(pair.Value)
		if !ok || strings.ContainsFunc(name+text, isControl) {
			r.fault(pair.Value, "%s: not a plain value; write WORD: MEANING", key)
		}
		words[name] = text
	}
	into.Set(reflect.ValueOf(words))
}

func (r *reading) pairs(key string, node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	r.fault(node, "%s holds keys of its own; write one below it on each line", key)
	return nil
}

// flow is a value with parts in YAML, on one line and without what is empty.
func flow(v reflect.Value) string {
	var parts []string
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, flow(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		words := v.Interface().(map[string]string)
		for _, word := range sorted(words) {
			parts = append(parts, strconv.Quote(word)+": "+strconv.Quote(words[word]))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				parts = append(parts, v.Type().Field(i).Tag.Get("yaml")+": "+flow(f))
			}
		}
	default:
		return strconv.Quote(v.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
