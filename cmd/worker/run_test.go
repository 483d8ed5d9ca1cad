package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
)

// What is not built is refused in words, not passed over.
func TestRunRefusesToDeliver(t *testing.T) {
	c := runCommand(func() (config.Config, error) {
		cfg := config.Default()
		cfg.Worker.Roles = append(cfg.Worker.Roles, config.RoleDeliver)
		return cfg, nil
	})
	c.SetArgs(nil)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.Execute()
	assert.ErrorContains(t, err, "does not deliver")
	assert.Equal(t, assembly.ExitUsage, assembly.ExitCode(err))
}
