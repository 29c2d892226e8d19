"""The items of the TRIPOD+AI checklist, in short words of our own.

Source: Collins et al. 2024, TRIPOD+AI statement, BMJ 385:e078378, table 2 (27 items with 52 parts).
"""

from typing import NamedTuple


class Item(NamedTuple):
    """One part of an item.

    Attributes:
        key: such as `12e`.
        section: heading in the checklist.
        applies: D to development, E to evaluation of a model.
        asks: what a report must say.
    """

    key: str
    section: str
    applies: str
    asks: str


SOURCE = "Collins et al. 2024, TRIPOD+AI statement, BMJ 385:e078378. The items are shortened: report by the original."

ITEMS = (
    Item("1", "Title", "D;E", "development or evaluation of a prediction model, target population, outcome"),
    Item("2", "Abstract", "D;E", "the TRIPOD+AI checklist for abstracts"),
    Item("3a", "Introduction", "D;E", "healthcare context (diagnostic or prognostic), rationale, existing models"),
    Item("3b", "Introduction", "D;E", "target population, intended purpose and users in the care pathway"),
    Item("3c", "Introduction", "D;E", "known health inequalities between sociodemographic groups"),
    Item("4", "Introduction", "D;E", "objectives; development, evaluation, or both"),
    Item(
        "5a",
        "Methods: data",
        "D;E",
        "sources of the development and of the evaluation data, why they were taken, how representative they are",
    ),
    Item("5b", "Methods: data", "D;E", "dates of the data: start and end of accrual, end of follow-up"),
    Item("6a", "Methods: participants", "D;E", "setting, number and location of centers"),
    Item("6b", "Methods: participants", "D;E", "eligibility criteria"),
    Item("6c", "Methods: participants", "D;E", "treatments received, and how they were handled"),
    Item("7", "Methods: data preparation", "D;E", "preprocessing and quality checks, also across groups"),
    Item(
        "8a",
        "Methods: outcome",
        "D;E",
        "outcome, time horizon, how and when it was assessed, rationale, whether alike across groups",
    ),
    Item(
        "8b",
        "Methods: outcome",
        "D;E",
        "qualifications and demographics of assessors, where the outcome needs interpretation",
    ),
    Item("8c", "Methods: outcome", "D;E", "whether the outcome was assessed blind to the predictors"),
    Item("9a", "Methods: predictors", "D", "choice of predictors before the model was built"),
    Item("9b", "Methods: predictors", "D;E", "definition of all predictors, how and when they were measured, blinding"),
    Item(
        "9c",
        "Methods: predictors",
        "D;E",
        "qualifications and demographics of assessors, where predictors need interpretation",
    ),
    Item(
        "10",
        "Methods: sample size",
        "D;E",
        "how the size was arrived at, for development and for evaluation, and that it is sufficient",
    ),
    Item("11", "Methods: missing data", "D;E", "how missing data were handled, and why data were left out"),
    Item("12a", "Methods: analysis", "D", "how data were used for development and evaluation, partition"),
    Item("12b", "Methods: analysis", "D", "how predictors were handled: form, scaling, transformation"),
    Item("12c", "Methods: analysis", "D", "type of model, building steps, tuning, internal validation"),
    Item(
        "12d",
        "Methods: analysis",
        "D;E",
        "how heterogeneity across clusters, such as centers, was handled and measured",
    ),
    Item("12e", "Methods: analysis", "D;E", "measures and plots of performance, and their rationale"),
    Item("12f", "Methods: analysis", "E", "model updating, such as recalibration, overall or for groups"),
    Item("12g", "Methods: analysis", "E", "how predictions were calculated"),
    Item("13", "Methods: class imbalance", "D;E", "methods against imbalance, and recalibration after them"),
    Item("14", "Methods: fairness", "D;E", "approaches to fairness, and their rationale"),
    Item("15", "Methods: model output", "D", "output of the model, and how cut-offs were chosen"),
    Item(
        "16",
        "Methods: training and evaluation",
        "D;E",
        "differences between development and evaluation: setting, eligibility, outcome, predictors",
    ),
    Item("17", "Methods: ethics", "D;E", "ethics committee, consent"),
    Item("18a", "Open science", "D;E", "funding, and the role of the funders"),
    Item("18b", "Open science", "D;E", "conflicts of interest"),
    Item("18c", "Open science", "D;E", "protocol of the study, or that there is none"),
    Item("18d", "Open science", "D;E", "registration, or that there is none"),
    Item("18e", "Open science", "D;E", "availability of the data"),
    Item("18f", "Open science", "D;E", "availability of the code"),
    Item("19", "Patient and public involvement", "D;E", "involvement in any part of the study, or none"),
    Item("20a", "Results: participants", "D;E", "flow of participants, with and without the outcome"),
    Item(
        "20b",
        "Results: participants",
        "D;E",
        "characteristics and amount of missing data, for each source; differences across groups",
    ),
    Item(
        "20c", "Results: participants", "E", "comparison with the development data: demographics, predictors, outcome"
    ),
    Item("21", "Results: development", "D;E", "participants and outcome events in each analysis"),
    Item(
        "22",
        "Results: specification",
        "D",
        "the full model, so that others can predict and evaluate; restrictions of its use",
    ),
    Item("23a", "Results: performance", "D;E", "performance with confidence intervals, also for subgroups"),
    Item("23b", "Results: performance", "D;E", "heterogeneity of performance across clusters"),
    Item("24", "Results: updating", "E", "updated model and its performance"),
    Item("25", "Discussion", "D;E", "interpretation beside objectives and earlier studies, also of fairness"),
    Item("26", "Discussion", "D;E", "limitations, and their effect on bias, uncertainty and generalizability"),
    Item("27a", "Discussion: use", "D", "poor or missing input data in use"),
    Item("27b", "Discussion: use", "D", "interaction and expertise that users need"),
    Item("27c", "Discussion: use", "D;E", "next steps, applicability, generalizability"),
)
