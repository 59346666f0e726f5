//! Users, as the administrator sees them.

words! {
    /// Users, as the administrator sees them.
    People {
        email: "Adresse e-mail", "E-mail";
        roles: "Rôles", "Roles";
        cohorts: "Cohortes", "Cohorts";
        admin: "administrateur", "administrator";
        planner: "planificateur", "planner";
        teacher: "enseignant", "teacher";
        student: "étudiant", "student";
    }
}
