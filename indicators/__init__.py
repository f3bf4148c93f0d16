"""What is measured and how it is judged. Pure: counts in, frames out; no database, no screen.

A figure here is a ratio of two counts, and near 98 % with small counts a plain ranking of such ratios is noise. So the
package reads as one argument, from what a single rate can bear to what may be said aloud:

What is measured
    ``catalogue`` and ``definition`` read the definition files; ``counts`` checks every pair of counts, once;
    ``values`` makes rates with their interval and the reason where there is none.
How sure is one rate, and do two differ?
    ``intervals`` (Wilson, Clopper–Pearson, mid-p, Jeffreys, Garwood; Newcombe), ``score_intervals``
    (Miettinen–Nurminen), ``exact_tests`` and ``hypergeometric``, ``sampling`` (repeated visits, finite lists),
    ``nonresponse`` (what is certain whoever did not answer).
Does the difference remain among like cases?
    ``strata`` (Mantel–Haenszel, homogeneity), ``standardisation``, ``decomposition`` and ``das_gupta`` (composition
    or level), ``oaxaca``.
Is a place different, and from what?
    ``verdicts`` (against the rest, never a total that holds it), ``funnels`` and ``overdispersion`` (against a
    standard), ``peers`` (against its like), ``scorecard`` (all indicators of all places in one sweep).
Who is ahead?
    ``homogeneity`` (does anybody differ at all?), ``shrinkage`` and ``shrunk_table``, ``rankings`` (ranks with their
    range), ``posterior_ranks``, ``quarters`` and ``likely_priors`` (bands), ``letters``, ``rank_history``.
How uneven is the whole, and where do the unlike lie?
    ``spread`` (what remains once chance is out), ``slope_index`` (along a context), ``gaps``; ``moran`` and
    ``local_moran``.
Has it changed?
    ``month_grid`` lays a series out; ``changes``, ``control_charts``, ``run_rules``, ``cusum``, ``trends``,
    ``recent_trend``; how long things take: ``durations``, ``duration_table``, ``cohort_rates``.
What would it take?
    ``targets`` and ``contributions``, exact to the case.
What may be shown, and what is said?
    ``small_numbers``, ``table_margins`` and ``suppression_audit``; ``claims``, ``findings`` and ``place_findings``
    choose by rule what stands up to its test; ``finding_words``, ``sentences`` and ``printed_figures`` say it in both
    languages.

Rules for all of it: no cases is no value (NaN), never 0 or 1; zero is a value; the order of rows never changes a
result; random draws have a fixed seed; what a method must not answer it refuses with a reason (a word, see its
docstring); what cannot be right raises an error of ``errors`` that carries its sentence in both languages.
"""
