package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/internal/writeback/providerjson"
)

func validateCommand(c *console) *cobra.Command {
	var action, tables string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate-pjson --action update|create|public FILE|-",
		Short: "say whether the write API would take a ProviderJSON document",
		Long: "Judges a ProviderJSON document by the rules of the write API: each finding with the id of its rule, where it\n" +
			"lies and what to mend. Warnings do not keep a document from being taken. Nothing is sent anywhere, and nothing\n" +
			"of what the document says is printed.\n\n" +
			"Exit codes: 0 no errors; 1 errors, or it cannot be read; 2 wrong usage.",
		Example: "  registry validate-pjson --action update provider.json\n  registry validate-pjson --action create --json - < provider.json | jq '.errors[].rule'",
		Args:    assembly.CheckedArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			a, known := providerjson.ParseAction(action)
			if !known {
				return assembly.Usage("--action must be one of update, create and public; see registry validate-pjson --help")
			}
			return c.validate(args[0], a, tables, asJSON)
		},
	}
	cmd.Flags().StringVar(&action, "action", "", "what the document is for: `ACTION` is update, create or public")
	cmd.Flags().StringVar(&tables, "tables", "", "`FOLDER` of newer tables: states.txt, countries.txt, license_type_codes.txt, taxonomy_crosswalk.tsv")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print errors and warnings as one JSON object")
	return cmd
}

func (c *console) validate(path string, a providerjson.Action, folder string, asJSON bool) error {
	tables, err := tablesOf(folder)
	if err != nil {
		return err
	}
	document, err := c.document(path)
	if err != nil {
		return err
	}
	r := providerjson.Validate(document, a, record.DateOf(time.Now()), tables)
	if asJSON {
		err = printJSON(c.out, r)
	} else {
		err = printFindings(c.out, &r, terminal(c.out) != nil)
	}
	if err == nil && len(r.Errors) > 0 {
		err = fmt.Errorf("validate: %s", plural(len(r.Errors), "error"))
	}
	return err
}

func tablesOf(folder string) (*providerjson.Tables, error) {
	if folder == "" {
		return nil, nil
	}
	if f, err := os.Stat(folder); err != nil || !f.IsDir() {
		return nil, assembly.Usage("--tables must be a folder")
	}
	t, err := providerjson.ReadTables(os.DirFS(folder))
	if err != nil {
		return nil, assembly.Usage("%w", err)
	}
	return t, nil
}

// longestDocument is far more than any provider needs.
const longestDocument = 1 << 20

// document reads a file, or standard input for -.
func (c *console) document(path string) ([]byte, error) {
	in := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, assembly.Usage("%w", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, longestDocument+1))
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	if len(text) > longestDocument {
		return nil, fmt.Errorf("read the document: it is longer than %s", size(longestDocument))
	}
	return text, nil
}

// printFindings is a table with a summary on a terminal, and tab-separated
// lines when piped.
func printFindings(out io.Writer, r *providerjson.Report, terminal bool) error {
	var b strings.Builder
	if terminal && len(r.Errors)+len(r.Warnings) > 0 {
		b.WriteString("SEVERITY\tRULE\tWHERE\tWHAT\n")
	}
	for _, f := range r.Errors {
		fmt.Fprintf(&b, "error\t%s\t%s\t%s\n", f.Rule, f.Pointer, f.Message)
	}
	for _, f := range r.Warnings {
		fmt.Fprintf(&b, "warning\t%s\t%s\t%s\n", f.Rule, f.Pointer, f.Message)
	}
	if !terminal {
		_, err := io.WriteString(out, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s, %s\n", plural(len(r.Errors), "error"), plural(len(r.Warnings), "warning"))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = io.WriteString(w, b.String()) // Flush gives the error
	return w.Flush()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}
