# Completion of fercli for bash. Load it with: eval "$(fercli completion bash)"
_fercli() {
    local line="${COMP_LINE:0:COMP_POINT}" found
    local word="${line##* }"
    local kept="${word%"${word##*=}"}" # bash replaces only what stands after the last "="
    COMPREPLY=()
    while IFS=$'\t' read -r found _; do
        [[ -z $found ]] || COMPREPLY+=("${found#"$kept"}")
    done < <(COLUMNS=1000 _FERCLI_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS="$line" "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _fercli fercli
