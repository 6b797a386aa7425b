"""The scripts that make shells ask `nav __complete` what a command line can become."""

from __future__ import annotations

__all__ = ["script"]


def script(shell: str, name: str, *, descriptions: bool) -> str:
    """The script for bash, fish, powershell or zsh that completes the command `name`."""
    text = {"bash": _BASH, "fish": _FISH, "powershell": _POWERSHELL, "zsh": _ZSH}[shell]
    request = "__complete" if descriptions else "__completeNoDesc"
    return text.lstrip("\n").replace("@REQUEST@", request).replace("@NAME@", name)


_BASH = r"""
# bash completion for @NAME@: every choice comes from `@NAME@ @REQUEST@`.

__@NAME@_ask() {
    local line=("${words[@]:1:cword}")
    # bash hands on ~ and quotes as they were typed; @NAME@ is to see what they mean
    local asked
    asked=$("${words[0]/#\~/$HOME}" @REQUEST@ "${line[@]}" 2>/dev/null) || return 1
    directive=${asked##*:}
    asked=${asked%:*}
    [[ $directive =~ ^[0-9]+$ ]] || directive=0
    choices=()
    hints=()
    local choice
    while IFS= read -r choice; do
        case $choice in
            "") ;;
            "_activeHelp_ "*) hints+=("${choice#_activeHelp_ }") ;;
            *) choices+=("$choice") ;;
        esac
    done <<<"$asked"
}

__@NAME@_files() {
    # $1 is "-d" for folders only; names that end in one of the extensions in $2… otherwise
    local found=() name
    if [[ $1 == -d ]]; then
        mapfile -t found < <(compgen -d -- "$cur")
    elif (($# > 1)); then
        local ending
        shift
        while IFS= read -r name; do
            [[ -d $name ]] && found+=("$name") && continue
            for ending; do
                [[ $name == *."${ending#.}" ]] && found+=("$name")
            done
        done < <(compgen -f -- "$cur")
    else
        mapfile -t found < <(compgen -f -- "$cur")
    fi
    compopt -o filenames 2>/dev/null
    COMPREPLY=("${found[@]}")
}

__@NAME@_fill() {
    local choice word matching=() words_only=() longest=0
    for choice in "${choices[@]}"; do
        word=${choice%%$'\t'*}
        [[ $word == "$cur"* ]] || continue
        matching+=("$choice")
        words_only+=("$word")
        ((${#word} > longest)) && longest=${#word}
    done
    if ((${#matching[@]} < 2)) || ((COMP_TYPE != 9 && COMP_TYPE != 63 && COMP_TYPE != 33 && COMP_TYPE != 64)); then
        COMPREPLY=("${words_only[@]}")
        return
    fi
    # several choices are shown with what they are, unless that would hide what they begin with
    local room=$((${COLUMNS:-80} - longest - 4)) about
    for choice in "${matching[@]}"; do
        word=${choice%%$'\t'*}
        about=${choice#"$word"}
        about=${about#$'\t'}
        if [[ -n $about ]] && ((room > 10)); then
            ((${#about} > room)) && about="${about:0:room-3}..."
            printf -v word '%-*s  (%s)' "$longest" "$word" "$about"
        fi
        COMPREPLY+=("$word")
    done
}

__@NAME@_split() {
    # without the bash-completion package: the line at blanks, because bash's own words end at = and : too
    local before=${COMP_LINE:0:COMP_POINT}
    read -r -a words <<<"$before"
    [[ $before == *[[:blank:]] ]] && words+=("")
    cword=$((${#words[@]} - 1))
    cur=${words[cword]}
}

__@NAME@_complete() {
    # shellcheck disable=SC2034
    local cur prev words cword split
    if declare -F _comp_initialize >/dev/null; then
        _comp_initialize -n =: -- "$@" || return
    elif declare -F _init_completion >/dev/null; then
        _init_completion -n =: || return
    else
        __@NAME@_split
    fi
    COMPREPLY=()
    local directive choices hints
    __@NAME@_ask || return
    ((directive & 1)) && return
    if ((${#hints[@]} && COMP_TYPE == 63)); then
        printf '\n%s' "${hints[@]}" >&2
        printf '\n%s' "${COMP_LINE}" >&2
    fi
    # the value after --flag= is what is completed
    [[ $cur == -*=* ]] && cur=${cur#*=}
    if ((directive & 8)); then
        __@NAME@_files -f "${choices[@]}"
    elif ((directive & 16)); then
        if ((${#choices[@]})); then
            pushd -- "${choices[0]}" >/dev/null 2>&1 || return
            __@NAME@_files -d
            popd >/dev/null 2>&1 || return
        else
            __@NAME@_files -d
        fi
    else
        __@NAME@_fill
        ((${#COMPREPLY[@]} == 0 && !(directive & 4))) && __@NAME@_files -f
    fi
    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 32)) && compopt -o nosort 2>/dev/null
    # bash replaces what stands behind the last colon only
    if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
        local kept=${cur%"${cur##*:}"}
        COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    fi
}

complete -F __@NAME@_complete @NAME@
"""

_ZSH = r"""
#compdef @NAME@
# zsh completion for @NAME@: every choice comes from `@NAME@ @REQUEST@`.

_@NAME@() {
    local -a asked choices extensions
    local line choice word about directive=0 options=()
    local -a typed=("${(@Q)words[2,CURRENT]}")

    asked=("${(@f)$(${(Q)words[1]} @REQUEST@ "${typed[@]}" 2>/dev/null)}")
    for line in "${asked[@]}"; do
        if [[ $line == :<-> ]]; then
            directive=${line#:}
        elif [[ $line == "_activeHelp_ "* ]]; then
            compadd -x "${line#_activeHelp_ }"
        elif [[ -n $line ]]; then
            word=${line%%$'\t'*}
            extensions+=("$word")
            about=
            [[ $line == *$'\t'* ]] && about=${line#*$'\t'}
            # _describe parts word and explanation by a colon
            choices+=("${word//:/\\:}${about:+:$about}")
        fi
    done

    ((directive & 1)) && return 1
    [[ ${words[CURRENT]} == -*=* ]] && compset -P '*='
    ((directive & 2)) && options+=(-S '')
    if ((directive & 8)); then
        _files -g "*.(${(j:|:)extensions#.})"
        return
    fi
    if ((directive & 16)); then
        if ((${#extensions})); then
            _files -/ -W "${extensions[1]}"
        else
            _files -/
        fi
        return
    fi
    local sorting=()
    ((directive & 32)) && sorting=(-V)
    if ((${#choices})) && _describe "${sorting[@]}" 'choices' choices "${options[@]}"; then
        return 0
    fi
    ((directive & 4)) && return 1
    _files
}

if [[ $funcstack[1] == _@NAME@ ]]; then
    _@NAME@ "$@"
else
    compdef _@NAME@ @NAME@
fi
"""

_FISH = r"""
# fish completion for @NAME@: every choice comes from `@NAME@ @REQUEST@`.

function __@NAME@_ask
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    # the first word is the command itself, under whatever name it was called
    set -l asked ($typed[1] @REQUEST@ $typed[2..-1] "$current" 2>/dev/null)
    set -g __@NAME@_directive 0
    set -g __@NAME@_choices
    for line in $asked
        if string match -qr '^:[0-9]+$' -- $line
            set -g __@NAME@_directive (string sub -s 2 -- $line)
        else if not string match -q '_activeHelp_ *' -- $line
            set -ga __@NAME@_choices $line
        end
    end
end

function __@NAME@_has -a bit
    test (math "floor($__@NAME@_directive / $bit) % 2") -eq 1
end

function __@NAME@_choose
    __@NAME@_ask
    __@NAME@_has 1; and return
    set -l current (commandline -ct)
    # after --flag= the whole word is replaced
    set -l before (string match -r -- '^-[^=]*=' $current)
    if __@NAME@_has 16
        __fish_complete_directories (string replace -r -- '^-[^=]*=' '' $current) ''
        return
    end
    if __@NAME@_has 8
        for ending in $__@NAME@_choices
            __fish_complete_suffix "$current" $ending
        end
        return
    end
    if test (count $__@NAME@_choices) -gt 0
        for choice in $__@NAME@_choices
            echo "$before$choice"
        end
        # without a second choice fish would put a space behind the only one
        if __@NAME@_has 2; and test (count $__@NAME@_choices) -eq 1
            echo $before(string split -m 1 \t -- $__@NAME@_choices[1])[1]"."
        end
        return
    end
    __@NAME@_has 4; or __fish_complete_path (string replace -r -- '^-[^=]*=' '' $current) ''
end

complete -c @NAME@ -e
complete -c @NAME@ -f -k -a '(__@NAME@_choose)'
"""

_POWERSHELL = r"""
# PowerShell completion for @NAME@: every choice comes from `@NAME@ @REQUEST@`.

Register-ArgumentCompleter -Native -CommandName '@NAME@' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $typed = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $program = $typed[0]
    $words = @($typed | Select-Object -Skip 1)
    if ($wordToComplete -eq '') {
        # an empty word would get lost on the way to the program in older versions
        $words += if ($PSVersionTable.PSVersion -ge [version]'7.3') { '' } else { '""' }
    }

    $choices = @()
    $directive = 0
    foreach ($line in @(& $program '@REQUEST@' @words 2>$null)) {
        if ($line -match '^:(\d+)$') { $directive = [int]$Matches[1] }
        elseif ($line -notlike '_activeHelp_ *' -and $line -ne '') { $choices += $line }
    }
    if ($directive -band 1) { return }

    $before = ''
    $start = $wordToComplete
    if ($start -match '^(-[^=]*=)(.*)$') {
        $before = $Matches[1]
        $start = $Matches[2]
    }
    $after = if ($directive -band 2) { '' } else { ' ' }
    $found = @(foreach ($choice in $choices) {
        $word, $about = $choice -split "`t", 2
        if (-not $word.StartsWith($start)) { continue }
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new("$before$word$after", $word, 'ParameterValue', $about)
    })
    if ($found.Count -eq 0 -and ($directive -band 4)) {
        # something has to be answered, or PowerShell offers files
        return ''
    }
    $found
}
"""
