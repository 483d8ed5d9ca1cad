package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/config"
)

// decoding is one run of decode.
type decoding struct {
	reading
	faults faults
	lost   int
}

func decodeCommand(c *console) *cobra.Command {
	d := &decoding{reading: reading{console: c}}
	cmd := &cobra.Command{
		Use:   "decode FILE...",
		Short: "print the records found in files, as NDJSON",
		Long: "Prints every record of the files in the native form, one on a line: what npiflow makes of them, and nothing\n" +
			"else that is in them. Files are JSON or NDJSON, X12 837, FHIR R4, or rosters (CSV, TSV, XLSX), decided by what\n" +
			"is in them; folders and patterns stand for their files, - for standard input. What is wrong is said on\n" +
			"standard error; it is a failure (1) if a record or a file is lost by it.",
		Example: "  producer decode claims.837\n  producer decode roster.xlsx --map columns.yaml | jq .npi",
		Args:    assembly.CheckedArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.check(args); err != nil {
				return err
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			return d.run(cmd.Context(), cfg)
		},
	}
	d.flags(cmd.Flags())
	return cmd
}

// decodeLimit bounds a record in its native form, in bytes: a claim of the most
// providers there may be stays below it.
const decodeLimit = 64 << 20

func (d *decoding) run(ctx context.Context, cfg config.Config) error {
	in, err := d.reader(cfg, decodeLimit)
	if err != nil {
		return err
	}
	d.faults.w = d.err
	defer d.faults.end()
	if err := d.print(ctx, d.readAhead(ctx, in, &bar{})); err != nil {
		return fmt.Errorf("print the records: %w", err)
	}
	if d.lost > 0 {
		return fmt.Errorf("%d records or files could not be read", d.lost)
	}
	return nil
}

func (d *decoding) print(ctx context.Context, all <-chan found) error {
	out := bufio.NewWriterSize(d.out, 64<<10)
	for {
		select {
		case f, more := <-all:
			switch {
			case !more:
				return errors.Join(out.Flush(), ctx.Err())
			case f.piece == nil:
				d.fault(f.fault)
				continue
			}
			_, _ = out.Write(f.piece.Data) // the next error tells
			err := out.WriteByte('\n')
			if err == nil && len(all) == 0 { // the next record may be long in coming
				err = out.Flush()
			}
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return errors.Join(out.Flush(), ctx.Err())
		}
	}
}

func (d *decoding) fault(f intake.Fault) {
	if f.Lost {
		d.lost++
	}
	d.faults.say(f)
}
