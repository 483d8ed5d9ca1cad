package record

import "github.com/go-json-experiment/json/jsontext"

// Job asks someone to bring the registry up to date: one write-API call.
type Job struct {
	ID       string         `json:"id"`     // digest of NPI and document: the same change asked twice is one job
	Action   string         `json:"action"` // update or create
	NPI      NPI            `json:"npi"`
	RecordID string         `json:"record_id"`
	Changes  []Change       `json:"changes"`
	Document jsontext.Value `json:"document"` // the complete ProviderJSON document
	Rules    string         `json:"rules"`
}

// Change is one difference between roster and registry.
type Change struct {
	Path     string `json:"path"` // JSON pointer into the document
	Registry string `json:"registry"`
	Roster   string `json:"roster"`
}
