// Package fhir turns FHIR R4 resources into records: claims and explanations
// of benefit into claim records, the resources of a provider directory into
// roster records.
//
// A provider is seldom where it is mentioned: a reference leads to it, through
// the same document, another line or another file. So a Batch first takes all
// inputs, keeping of each resource the little that records need and nothing of
// a patient, and then makes the records.
package fhir

import (
	"bytes"
	"io"
	"regexp"

	"github.com/npiflow/npiflow/internal/record"
)

// The bounds of what is read and kept.
const (
	maxResources = 1_000_000 // in a batch, contained ones among them
	maxFaults    = 10_000    // of the inputs of a batch, beside those of its resources
	maxOwnFaults = 20        // of one resource
	maxText      = 512       // bytes of any text taken from a resource
	maxEntries   = 5000      // mentions of a record, and entries of any list of a resource
	maxNesting   = 16        // resources in resources: a Bundle in Parameters in a Bundle …
	maxHops      = 8         // references that lead to references
)

// maxDocument bounds one JSON document, or one line of NDJSON, in bytes. Only a
// test changes it.
var maxDocument = 64 << 20

var member = regexp.MustCompile(`"resourceType"\s*:\s*"[A-Z][A-Za-z]*"`)

// Detect reports whether an input that begins with head is FHIR in JSON: an
// object, and the name of a resource's type somewhere in sight. Some writers
// put the type last, after everything else.
func Detect(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) && member.Match(head)
}

// Read gives the records of one input: see Batch.
func Read(r io.Reader, each func(*record.Record) error, fault func(record.Fault)) error {
	var b Batch
	if err := b.Add(r); err != nil {
		return err
	}
	return b.Records("", each, fault)
}

// Batch collects resources that may refer to each other. The zero value is an
// empty batch.
type Batch struct {
	resources []*resource // in the order of the inputs, without contained ones
	kept      int
	known     map[key]*resource
	inputs    int32 // begun so far
	documents int32 // begun so far
	faults    []record.Fault
}

// key is what a reference names a resource by: a URL or Type/id, in one
// document or, where that is 0, in any.
type key struct {
	document int32
	name     string
}

// Records calls each with the records of one kind, in the order of the inputs;
// both kinds for "". It reports what is wrong with inputs, resources and
// references through fault. The error is that of each.
//
// With both kinds asked for, a provider that a claim refers to is there for
// the claim's sake and has no roster record of its own. A Practitioner that a
// PractitionerRole speaks of has none in any case: the role's is its own.
func (b *Batch) Records(kind record.Kind, each func(*record.Record) error, fault func(record.Fault)) error {
	for _, f := range b.faults {
		fault(f)
	}
	b.mark(kind)
	said := false
	for _, r := range b.resources {
		for _, f := range r.faults {
			fault(f)
		}
		build := b.builder(r, kind)
		if build == nil {
			continue
		}
		said = true
		if rec := build(r, fault); rec != nil {
			if err := each(rec); err != nil {
				return err
			}
		}
	}
	if !said && b.inputs > 0 {
		fault(record.Fault{Reason: nothing(kind)})
	}
	return nil
}

func nothing(kind record.Kind) string {
	switch kind {
	case record.KindClaim:
		return "there is no Claim and no ExplanationOfBenefit in it"
	case record.KindRoster:
		return "there is no Practitioner, PractitionerRole, Organization, Location or HealthcareService in it that could be on a roster"
	}
	return "there is no claim and no provider in it"
}

// builder gives what turns r into a record of the kind asked for, nil if r is
// none.
func (b *Batch) builder(r *resource, kind record.Kind) func(*resource, func(record.Fault)) *record.Record {
	switch {
	case r.kind == isClaim && kind != record.KindRoster:
		return b.claim
	case r.kind == isClaim || kind == record.KindClaim || r.told || !r.listed():
		return nil
	}
	return b.roster
}

// mark finds the resources that are told with others.
func (b *Batch) mark(kind record.Kind) {
	for _, r := range b.resources {
		r.told = false
	}
	for _, r := range b.resources {
		switch {
		case r.kind == isRole && kind != record.KindClaim:
			tell(b.find(r.provider.practitioner, r))
		case r.kind == isClaim && kind == "":
			for ref := range r.claim.references {
				b.tellAll(ref, r, maxHops)
			}
		}
	}
}

func tell(r *resource) {
	if r != nil {
		r.told = true
	}
}

// tellAll marks what a reference leads to, and what that leads to.
func (b *Batch) tellAll(ref *reference, from *resource, hops int) {
	r := b.find(ref, from)
	if r == nil || r.told || hops == 0 {
		return
	}
	r.told = true
	if p := r.provider; p != nil {
		for _, next := range []*reference{p.practitioner, p.organization, p.requester} {
			b.tellAll(next, r, hops-1)
		}
		for i := range p.locations {
			b.tellAll(&p.locations[i], r, hops-1)
		}
	}
}

// keep takes a resource into the batch, with the names it is referred to by.
func (b *Batch) keep(r *resource) {
	b.resources = append(b.resources, r)
	b.name(r, r.url)
	b.name(r, r.name())
}

// name makes r the resource of that name. Where two share one, the first has
// it.
func (b *Batch) name(r *resource, name string) {
	if name == "" {
		return
	}
	if b.known == nil {
		b.known = map[key]*resource{}
	}
	k := key{0, name}
	if _, taken := b.known[k]; taken {
		k.document = r.document
	}
	if _, taken := b.known[k]; !taken {
		b.known[k] = r
	}
}

func (b *Batch) fault(f record.Fault) {
	switch {
	case len(b.faults) < maxFaults:
		b.faults = append(b.faults, f)
	case len(b.faults) == maxFaults:
		b.faults = append(b.faults, record.Fault{Where: f.Where, Reason: "there is more wrong from here on than is listed", Lost: true})
	}
}
