package assembly

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/format"
	"github.com/npiflow/npiflow/internal/format/mapped"
	"github.com/npiflow/npiflow/internal/pipeline"
	"github.com/npiflow/npiflow/internal/record"
)

// Formats are those a configuration describes beside the ones that are known.
func Formats(c config.Config) (format.Formats, error) {
	if len(c.Formats.JSON) == 0 {
		return format.Formats{}, nil
	}
	var mappings []mapped.Mapping
	for _, j := range c.Formats.JSON {
		mappings = append(mappings, mapped.Mapping(j))
	}
	m, err := mapped.New(mappings)
	if err != nil {
		return format.Formats{}, fmt.Errorf("read formats.json of the configuration: %w", err)
	}
	return format.Formats{Mapped: m}, nil
}

// mostRecords bounds the records of one message: their results are held until
// the last one is worked.
const mostRecords = 10_000

var errMany = &record.MalformedError{Reason: "it holds more than 10,000 records: publish it in parts (`producer publish` does)"}

// decoder is the pipeline's Decode over all formats. reg counts what was read
// by format; nil for nobody.
func decoder(f *format.Formats, reg prometheus.Registerer) func(*pipeline.Message, []pipeline.Decoded) ([]pipeline.Decoded, error) {
	messages := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_messages_read_total",
		Help: "Input messages read, by format."}, []string{"format"})
	faults := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_input_faults_total",
		Help: "Faults found in input messages that are not native JSON, by format: each lost a record or not."}, []string{"format", "lost"})
	if reg != nil {
		reg.MustRegister(messages, faults)
	}
	read := map[format.Name]prometheus.Counter{}
	for _, name := range format.Names {
		read[name] = messages.WithLabelValues(string(name))
		if name != format.Native {
			faults.WithLabelValues(string(name), "yes")
			faults.WithLabelValues(string(name), "no")
		}
	}
	native := read[format.Native]
	return func(m *pipeline.Message, into []pipeline.Decoded) ([]pipeline.Decoded, error) {
		name := f.Detect(m.ContentType, m.Data)
		if name == format.Native {
			native.Inc()
			return pipeline.Native(m, into)
		}
		read[name].Inc()
		return decodeMany(f, name, m, into, faults)
	}
}

// decodeMany reads a message of many records. Those of another kind than its
// subject names are left out, as a fault.
func decodeMany(f *format.Formats, name format.Name, m *pipeline.Message, found []pipeline.Decoded, faults *prometheus.CounterVec) ([]pipeline.Decoded, error) {
	var first *record.Fault
	fault := func(x record.Fault) {
		if first == nil {
			first = &x
		}
		if !x.Lost {
			faults.WithLabelValues(string(name), "no").Inc()
			return
		}
		faults.WithLabelValues(string(name), "yes").Inc()
		if len(found) < mostRecords {
			found = append(found, pipeline.Decoded{Fault: &x})
		}
	}
	err := f.Read(name, bytes.NewReader(m.Data), func(r *record.Record) error {
		if r.Kind != m.Kind {
			fault(record.Fault{Reason: "a " + string(r.Kind) + " record in a message on a " + string(m.Kind) + " subject: publish it where it belongs"})
			return nil
		}
		if len(found) == mostRecords {
			return errMany
		}
		found = append(found, pipeline.Decoded{Record: *r})
		return nil
	}, fault)
	var malformed *record.MalformedError
	var unreadable record.Fault
	switch {
	case err == nil && len(found) > 0:
		return found, nil
	case errors.As(err, &malformed):
		return nil, malformed
	case errors.As(err, &unreadable):
		return nil, &record.MalformedError{Reason: unreadable.Error()}
	case err == nil && first != nil:
		return nil, &record.MalformedError{Reason: "it holds no record: " + first.Error()}
	}
	return nil, &record.MalformedError{Reason: "it holds no record that can be read as " + string(name)}
}
