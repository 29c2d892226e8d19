#compdef fercli
# Completion of fercli for zsh. Load it with: eval "$(fercli completion zsh)"
_fercli() {
    local value help
    local -a open open_shown closed closed_shown
    while IFS=$'\t' read -r value help; do
        if [[ -z $value ]]; then
            continue
        elif [[ $value == *= ]]; then
            open+=("$value") open_shown+=("$value")
        else
            help="$value${help:+  -- $help}"
            (( ${#help} < COLUMNS )) || help="${${help[1,COLUMNS-2]}% *} …" # one line for each, cut between words
            closed+=("$value") closed_shown+=("$help")
        fi
    done < <(COLUMNS=1000 _FERCLI_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS="${(j: :)words[1,CURRENT]}" "$words[1]" 2>/dev/null)
    if (( ${#open} + ${#closed} )); then
        compadd -l -S '' -d open_shown -a open
        compadd -l -d closed_shown -a closed
    else
        compset -P '*='
        _files
    fi
}
compdef _fercli fercli
