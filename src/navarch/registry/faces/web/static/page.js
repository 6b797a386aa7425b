// What pages do more with JavaScript: commands are copied at a click, and a search shows what it finds while one types.
// Without it, commands are there to be selected, and searches are sent with Enter.
"use strict";

const said = document.getElementById("said");

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Browsers keep the clipboard from pages that came without TLS, but for this old way.
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("aria-hidden", "true");
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  let reset = 0;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await copy(source.textContent);
      button.textContent = "Copied";
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      said.textContent = "Selected, but not copied";
    }
    button.focus();
    clearTimeout(reset);
    reset = setTimeout(() => {
      button.textContent = "Copy";
      said.textContent = "";
    }, 2000);
  });
}

// Search

const form = document.querySelector('form[role="search"]');
const main = document.getElementById("main");
const pause = 200; // milliseconds without a key, after which is asked

function show(found, address) {
  main.replaceChildren(...found.getElementById("main").childNodes);
  document.title = found.title;
  if (location.pathname === form.getAttribute("action")) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  said.textContent = main.querySelector(".found")?.textContent ?? "";
}

function live() {
  const request = new XMLHttpRequest();
  let waiting = 0;
  const ask = () => {
    const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
    request.abort();
    request.open("GET", address);
    request.responseType = "document"; // whose scripts don't run
    request.onload = () => {
      if (request.status === 200 && request.response) show(request.response, address);
    };
    request.send();
  };
  const soon = () => {
    clearTimeout(waiting);
    if (form.q.value.trim()) waiting = setTimeout(ask, pause);
    else request.abort();
  };
  form.addEventListener("input", soon);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    request.abort();
  });
  addEventListener("popstate", () => location.reload());
}

if ("live" in main.dataset) live();
