// "/" goes to the search box, j and k step through a list. Everything works without this file.
(function () {
  "use strict";
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      const box = document.querySelector(".big-find input[type=search]") || document.getElementById("find");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "j" || event.key === "k") {
      const links = Array.from(document.querySelectorAll(".item h2 a"));
      const at = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
      if (links[at]) { links[at].focus(); links[at].scrollIntoView({ block: "center" }); }
    }
  });
})();
