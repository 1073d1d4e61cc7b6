//! What a terminal shows beyond text: colours, and links on the ids of rules.

use std::io::IsTerminal as _;

use annotate_snippets::Renderer;

use crate::cli::When;

/// How findings are written to standard output.
pub(super) fn renderer(color: When, hyperlinks: When) -> Renderer {
    let terminal = Terminal::of_process();
    let renderer = if terminal.is_coloured(color) {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.hyperlink(terminal.has_links(hyperlinks))
}

/// What decides, taken from the process once.
#[derive(Clone, Copy, Debug, Default)]
struct Terminal {
    /// Standard output is one.
    is_terminal: bool,
    /// anstream's answer: it shows colours, and neither `NO_COLOR` nor `CLICOLOR=0` is set.
    shows_colours: bool,
    /// It is known to understand OSC 8, or `FORCE_HYPERLINK` says so.
    shows_links: bool,
    /// `NO_COLOR` (no-color.org) is set.
    no_color: bool,
    /// `CLICOLOR_FORCE` (bixense.com/clicolors) or `FORCE_COLOR` (force-color.org) is set.
    force_color: bool,
}

impl Terminal {
    fn of_process() -> Self {
        let stdout = std::io::stdout();
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let forces = |name: &str| value(name).is_some_and(|value| value != "0");
        Self {
            is_terminal: stdout.is_terminal(),
            shows_colours: anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never,
            shows_links: supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            no_color: value("NO_COLOR").is_some(),
            force_color: forces("FORCE_COLOR") || forces("CLICOLOR_FORCE"),
        }
    }

    fn is_coloured(self, choice: When) -> bool {
        match choice {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                !self.no_color && (self.force_color || (self.is_terminal && self.shows_colours))
            }
        }
    }

    /// Links go to a terminal only: a pipeline's log that shows colours shows the escape sequence of a link as text.
    fn has_links(self, choice: When) -> bool {
        match choice {
            When::Always => true,
            When::Never => false,
            When::Auto => self.is_terminal && self.shows_links,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminal = Terminal {
        is_terminal: true,
        shows_colours: true,
        shows_links: true,
        no_color: false,
        force_color: false,
    };

    const PIPE: Terminal = Terminal {
        is_terminal: false,
        ..TERMINAL
    };

    #[test]
    fn a_pipe_gets_neither_colours_nor_links() {
        assert!(TERMINAL.is_coloured(When::Auto) && TERMINAL.has_links(When::Auto));
        assert!(!PIPE.is_coloured(When::Auto) && !PIPE.has_links(When::Auto));
    }

    #[test]
    fn the_environment_forces_colours_and_forbids_them() {
        let forced = Terminal {
            force_color: true,
            ..PIPE
        };
        assert!(forced.is_coloured(When::Auto) && !forced.has_links(When::Auto));
        for terminal in [TERMINAL, forced] {
            let forbidden = Terminal {
                no_color: true,
                ..terminal
            };
            assert!(!forbidden.is_coloured(When::Auto));
        }
    }

    #[test]
    fn the_flags_win() {
        assert!(PIPE.is_coloured(When::Always) && PIPE.has_links(When::Always));
        assert!(!TERMINAL.is_coloured(When::Never) && !TERMINAL.has_links(When::Never));
    }
}
