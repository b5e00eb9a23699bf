//! Wiring only: the command line is in `cli`.

fn main() -> std::process::ExitCode {
    sundial::cli::main()
}
