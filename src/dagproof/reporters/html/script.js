"use strict";
(() => {
  const form = document.getElementById("controls");
  const search = document.getElementById("filter");
  const keys = document.getElementById("keys");
  const told = document.getElementById("shown");
  const groups = [...document.querySelectorAll("#findings .file")].map((element) => ({
    element,
    path: element.querySelector("summary").textContent.toLowerCase(),
    findings: [...element.querySelectorAll(".finding")],
  }));
  const every = groups.flatMap((group) => group.findings);
  const texts = new Map();

  const text = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };

  const wanted = () => {
    const severities = new Set();
    form.querySelectorAll("[name=severity]:checked").forEach((box) => severities.add(box.value));
    return {
      severities,
      fresh: Boolean(form.querySelector("[name=new]:checked")),
      code: form.querySelector("select").value,
      words: search.value.toLowerCase().split(/\s+/).filter(Boolean),
    };
  };

  const fits = (finding, path, { severities, fresh, code, words }) =>
    severities.has(finding.classList[1]) &&
    (!fresh || !("known" in finding.dataset)) &&
    (!code || finding.dataset.code === code) &&
    words.every((word) => path.includes(word) || text(finding).includes(word));

  const apply = () => {
    const want = wanted();
    let shown = 0;
    for (const { element, path, findings } of groups) {
      let here = 0;
      for (const finding of findings) {
        finding.hidden = !fits(finding, path, want);
        here += finding.hidden ? 0 : 1;
      }
      element.hidden = here === 0;
      shown += here;
    }
    const whole = `${every.length} finding${every.length === 1 ? "" : "s"}`;
    told.value = shown === every.length ? whole : `${shown} of ${whole}`;
  };

  let asked = 0;
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(apply);
  };

  const current = () => document.activeElement.closest?.(".finding");

  const go = (step) => {
    const shown = every.filter((finding) => !finding.hidden);
    if (!shown.length) return;
    const at = shown.indexOf(current());
    const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
    if (!next) return;
    next.closest("details").open = true;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center", behavior: "instant" });
  };

  const clear = () => {
    const kept = keys.checked;
    form.reset();
    keys.checked = kept;
    apply();
    document.activeElement.blur();
  };

  const typing = (target) => /^(?:select|textarea)$/i.test(target.tagName) ||
    (/^input$/i.test(target.tagName) && target.type !== "checkbox");

  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const acts = {
      "/": () => { search.focus(); search.select(); },
      j: () => go(1),
      k: () => go(-1),
    };
    if (current() === document.activeElement) {
      acts.ArrowDown = acts.j;
      acts.ArrowUp = acts.k;
    }
    if (event.key === "Escape") return clear();
    if (typing(event.target) || !keys.checked || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("input", soon);
    form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("keydown", pressed);
  }

  const closed = [];
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((one) => {
      closed.push(one);
      one.open = true;
    });
  });
  addEventListener("afterprint", () => closed.splice(0).forEach((one) => { one.open = false; }));
})();
