# Completion of fercli for fish. Load it with: fercli completion fish | source
function __fercli_complete
    set --local line (commandline --cut-at-cursor --current-process | string collect)
    set --local found (COLUMNS=1000 _FERCLI_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=$line fercli 2>/dev/null | string match --invert "")
    if set --query found[1]
        printf '%s\n' $found
    else # a path, perhaps behind "store="
        set --local word (commandline --cut-at-cursor --current-token)
        set --local key (string match --regex '^.*=' -- $word)
        for path in (__fish_complete_path (string replace --regex '^.*=' '' -- $word))
            printf '%s\n' "$key$path"
        end
    end
end
complete --command fercli --no-files --arguments "(__fercli_complete)"
